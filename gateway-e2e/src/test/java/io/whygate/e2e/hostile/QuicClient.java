package io.whygate.e2e.hostile;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.whygate.e2e.lab.H3Bytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A client's connection of QUIC that keeps no rule of HTTP/3: its streams carry what they are told
/// to, byte by byte. Netty's QUIC beneath it keeps those of the transport.
final class QuicClient implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 20;
  private static final long CONNECTION_WINDOW = 16 << 20;

  private final Channel socket;
  private final QuicChannel connection;

  private QuicClient(Channel socket, QuicChannel connection) {
    this.socket = socket;
    this.connection = connection;
  }

  static QuicSslContext trusting(X509Certificate root) {
    return QuicSslContextBuilder.forClient().trustManager(root).applicationProtocols("h3").build();
  }

  /// Opens a socket for one connection.
  ///
  /// @param streamWindow how much of one answer may be on its way
  static Channel socket(
      EventLoopGroup loop, QuicSslContext tls, InetSocketAddress address, long streamWindow) {
    ChannelHandler codec =
        new QuicClientCodecBuilder()
            .sslEngineProvider(
                channel -> tls.newEngine(channel.alloc(), "localhost", address.getPort()))
            .maxIdleTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
            .initialMaxData(CONNECTION_WINDOW)
            .initialMaxStreamDataBidirectionalLocal(streamWindow)
            .initialMaxStreamDataUnidirectional(1 << 16)
            .initialMaxStreamsUnidirectional(16)
            .maxRecvUdpPayloadSize(1500)
            .build();
    return new Bootstrap()
        .group(loop)
        .channel(NioDatagramChannel.class)
        .handler(codec)
        .bind("127.0.0.1", 0)
        .syncUninterruptibly()
        .channel();
  }

  /// Begins a connection's handshake.
  static Future<QuicChannel> begin(Channel socket, InetSocketAddress address) {
    return QuicChannel.newBootstrap(socket)
        .handler(new Silent())
        .streamHandler(new Silent())
        .remoteAddress(address)
        .connect();
  }

  /// Connects.
  static QuicClient connect(
      EventLoopGroup loop, QuicSslContext tls, InetSocketAddress address, long streamWindow)
      throws IOException, InterruptedException {
    Channel socket = socket(loop, tls, address, streamWindow);
    try {
      return new QuicClient(socket, await(begin(socket, address)));
    } catch (IOException | InterruptedException e) {
      socket.close();
      throw e;
    }
  }

  private static <T> T await(Future<T> future) throws IOException, InterruptedException {
    try {
      return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException(e);
    }
  }

  boolean isOpen() {
    return connection.isActive();
  }

  /// Opens a stream of requests that begins with these bytes.
  ///
  /// @throws IOException where the connection is over, or may have no more streams for now
  Stream open(byte[] first) throws IOException, InterruptedException {
    return open(QuicStreamType.BIDIRECTIONAL, first);
  }

  /// Opens the control stream, behind whose settings these bytes come.
  Stream openControl(byte[] more) throws IOException, InterruptedException {
    return open(QuicStreamType.UNIDIRECTIONAL, H3Bytes.join(new byte[] {0, 4, 0}, more));
  }

  private Stream open(QuicStreamType type, byte[] first) throws IOException, InterruptedException {
    Stream stream = new Stream();
    stream.channel = await(connection.createStream(type, stream));
    stream.send(first);
    return stream;
  }

  @Override
  public void close() {
    connection.close().awaitUninterruptibly(1000);
    socket.close().awaitUninterruptibly(1000);
  }

  /// Forgets what comes.
  @ChannelHandler.Sharable
  private static final class Silent extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      // Ended by the gateway: that is what it should do.
    }
  }

  /// One stream, and the bytes that came on it.
  static final class Stream extends ChannelInboundHandlerAdapter {
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private boolean ended;
    private QuicStreamChannel channel;

    void send(byte[] bytes) {
      channel.writeAndFlush(Unpooled.wrappedBuffer(bytes));
    }

    void end() {
      channel.eventLoop().execute(channel::shutdownOutput);
    }

    /// Gives up both ways.
    void reset(int code) {
      channel.shutdown(code);
    }

    /// Takes nothing of what comes by itself from now on.
    void pause() {
      channel.config().setAutoRead(false);
    }

    /// Takes what lies ready.
    void takeSome() {
      channel.read();
    }

    /// All that came, once the other side has ended it.
    synchronized byte[] awaitEnd() throws IOException, InterruptedException {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      while (!ended) {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0) {
          throw new IOException("no end after " + received.size() + " bytes");
        }
        wait(left);
      }
      return received.toByteArray();
    }

    private synchronized void ended() {
      ended = true;
      notifyAll();
    }

    @Override
    public synchronized void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      received.writeBytes(ByteBufUtil.getBytes(bytes));
      bytes.release();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event == ChannelInputShutdownReadComplete.INSTANCE) {
        ended();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      ended();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      // Reset by the gateway, or with its connection.
    }
  }
}
