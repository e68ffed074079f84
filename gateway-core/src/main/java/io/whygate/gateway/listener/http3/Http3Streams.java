package io.whygate.gateway.listener.http3;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http3.DefaultHttp3SettingsFrame;
import io.netty.handler.codec.http3.Http3ErrorCode;
import io.netty.handler.codec.http3.Http3ServerConnectionHandler;
import io.netty.handler.codec.http3.Http3Settings;
import io.netty.handler.codec.http3.Http3SettingsFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.ReferenceCountUtil;
import io.whygate.gateway.http.HeadLimits;
import io.whygate.gateway.listener.client.Abuse;
import io.whygate.gateway.listener.client.RequestFields;

/// Makes the streams of a connection as a client opens them.
final class Http3Streams {
  /// What is read of a stream at once, bytes: as much is held of content that nobody demands.
  private static final int MOST_READ = 16 * 1024;

  private static final int LEAST_READ = 512;
  private static final int FIRST_READ = 2048;

  /// The payload of frames that mean nothing, bytes.
  private static final int MEANINGLESS = 1024;

  private Http3Streams() {}

  /// What handles the streams of a connection: Netty's codec of HTTP/3. Fields are compressed
  /// without a table (RFC 9204 section 3.2.3), so that no stream waits for another, and nothing is
  /// kept from one request to the next.
  static ChannelHandler handler(Http3Connection connection) {
    return new Http3ServerConnectionHandler(
        new Requests(connection),
        new Control(connection),
        _ -> new Unknown(connection),
        settings(connection.loop().limits()),
        true,
        null,
        null,
        MEANINGLESS);
  }

  /// Stands behind [#handler], and sees to it that each stream of one direction has somebody who
  /// hears of errors: the codec tells its last handler of them, and where it has none, the log.
  static ChannelHandler errorsOf(Http3Connection connection) {
    return new OneDirection(connection);
  }

  /// Lists of fields up to twice the limit are read, so that they can be answered with 431; other
  /// protocols can be asked for (RFC 9220).
  private static Http3SettingsFrame settings(HeadLimits limits) {
    return new DefaultHttp3SettingsFrame(
        new Http3Settings()
            .maxFieldSectionSize(2L * RequestFields.maxListSize(limits))
            .enableConnectProtocol(true));
  }

  /// Requests, each on a stream of its own.
  @ChannelHandler.Sharable
  private static final class Requests extends ChannelInitializer<QuicStreamChannel> {
    private final Http3Connection connection;

    Requests(Http3Connection connection) {
      this.connection = connection;
    }

    @Override
    protected void initChannel(QuicStreamChannel channel) {
      Http3Stream stream = new Http3Stream(connection, channel);
      channel
          .config()
          .setAutoRead(false)
          .setRecvByteBufAllocator(
              new AdaptiveRecvByteBufAllocator(LEAST_READ, FIRST_READ, MOST_READ));
      channel.pipeline().addFirst(PassedOver.ofRequest(connection), stream.output());
      channel.pipeline().addLast(stream);
      if (!connection.opened(stream)) {
        stream.reset(Http3ErrorCode.H3_REQUEST_REJECTED);
      }
    }
  }

  /// Takes every stream that the codec has set up.
  private static final class OneDirection extends ChannelInboundHandlerAdapter {
    private final Http3Connection connection;
    private final Errors errors;

    OneDirection(Http3Connection connection) {
      this.connection = connection;
      this.errors = new Errors(connection, Http3ErrorCode.H3_GENERAL_PROTOCOL_ERROR);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof QuicStreamChannel stream
          && stream.type() == QuicStreamType.UNIDIRECTIONAL) {
        stream.pipeline().addFirst(PassedOver.ofOneDirection(connection)).addLast(errors);
      }
      ctx.fireChannelRead(message);
    }
  }

  /// What goes wrong on a stream of one direction is the client's affair. The codec ends the
  /// connection for most of it; for what it did not foresee, such as a type without what has to
  /// follow it, or what its own assertions rule out where Java checks them, that is done here (RFC
  /// 9114 section 8.1).
  @ChannelHandler.Sharable
  private static class Errors extends ChannelInboundHandlerAdapter {
    final Http3Connection connection;
    private final Http3ErrorCode unforeseen;

    Errors(Http3Connection connection, Http3ErrorCode unforeseen) {
      this.connection = connection;
      this.unforeseen = unforeseen;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      if (ctx.pipeline().last() != this) {
        // The control stream has one of its own.
        ctx.fireExceptionCaught(cause);
      } else if (cause instanceof DecoderException || cause instanceof AssertionError) {
        connection.malformed(unforeseen, cause);
      } else {
        Http3Errors.note(cause);
      }
    }
  }

  /// The end of the client's control stream, whose frames the codec has heeded by then. Those whose
  /// content is shorter than it has to be are what it does not foresee (RFC 9114 section 7.1). But
  /// for its settings, a client has next to nothing to say here.
  private static final class Control extends Errors {
    Control(Http3Connection connection) {
      super(connection, Http3ErrorCode.H3_FRAME_ERROR);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ReferenceCountUtil.release(message);
      if (!(message instanceof Http3SettingsFrame)) {
        connection.spendOnFrame(message);
      }
    }
  }

  /// A stream of one direction whose type is not known: what it carries means nothing (RFC 9114
  /// section 6.2.3).
  private static final class Unknown extends ChannelInboundHandlerAdapter {
    private final Http3Connection connection;

    Unknown(Http3Connection connection) {
      this.connection = connection;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      connection.spend(Abuse.EMPTY_FRAMES);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ReferenceCountUtil.release(message);
    }
  }
}
