package io.whygate.gateway.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.exchange.Downstream;
import io.whygate.gateway.exchange.ForwardedFields;
import io.whygate.gateway.exchange.HeadEdit;
import io.whygate.gateway.exchange.Peer;
import io.whygate.gateway.http.Chunks;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.listener.ResponseWriter.Persistence;
import io.whygate.gateway.listener.client.ListenerLoop;
import io.whygate.gateway.proxyprotocol.ClientConnection;
import io.whygate.gateway.reply.LocalReply;
import io.whygate.gateway.transport.PipedBytes;
import io.whygate.gateway.transport.Round;
import java.net.SocketAddress;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// The client's side of the exchanges of an HTTP/1 connection: writes each answer, and knows
/// whether the connection outlives it.
///
/// One object a connection, confined to its event loop.
final class Http1Downstream implements Downstream {
  /// Content up to so many bytes is copied behind its head.
  private static final int SMALL = 4096;

  private final Http1Connection connection;
  private final ListenerLoop loop;
  private final Channel channel;
  private final Peer peer;
  private final RequestHead request;
  private final ForwardedFields forwarded;
  private final Round round = Round.current();

  /// The head of an answer whose content is so small that both go out in one buffer: one entry to
  /// write and one plain system call. Written with the content, or as soon as anything is flushed.
  private @Nullable ByteBuf held;

  private boolean keepAfter;
  private boolean chunkedOut;
  private boolean untilClose;
  private boolean continued;

  Http1Downstream(
      Http1Connection connection,
      ListenerLoop loop,
      Channel channel,
      Peer peer,
      RequestHead request) {
    this.connection = connection;
    this.loop = loop;
    this.channel = channel;
    this.peer = peer;
    this.request = request;
    this.forwarded =
        new ForwardedFields(peer, loop.settings().trustedProxies(), loop.services().identity());
  }

  /// Begins with the answer to the next request.
  ///
  /// @param keep whether the request leaves the connection open
  void begin(boolean keep) {
    keepAfter = keep;
    chunkedOut = false;
    untilClose = false;
    continued = false;
  }

  /// Notes that the connection ends with this answer.
  void close() {
    keepAfter = false;
  }

  /// Whether the connection outlives the answer.
  boolean keeps() {
    return keepAfter;
  }

  /// Whether the answer's end is the end of the connection.
  boolean endsByClose() {
    return untilClose;
  }

  /// Whether the client was told to send the content that it held back.
  boolean hasContinued() {
    return continued;
  }

  @Override
  public void informational(ResponseHead head) {
    if (request.minorVersion() == 0) {
      return;
    }
    if (head.status() == 100 && continued) {
      return;
    }
    ByteBuf out = channel.alloc().buffer(256);
    ResponseWriter.write(out, head, HeadEdit.NONE, false, Persistence.IMPLIED, loop.ownFields());
    channel.write(out, channel.voidPromise());
    if (head.status() == 100) {
      continued = true;
      connection.continues();
    }
  }

  @Override
  public void head(ResponseHead head, HeadEdit edit) {
    boolean unknownLength =
        head.framing() == Framing.CHUNKED
            || head.framing() == Framing.UNTIL_CLOSE
            || (edit.isRecoded() && head.framing() != Framing.NONE);
    chunkedOut = unknownLength && request.minorVersion() >= 1;
    untilClose = unknownLength && !chunkedOut;
    if (untilClose || connection.awaitsContinue() || loop.isDraining()) {
      keepAfter = false;
    }
    boolean small =
        head.framing() == Framing.LENGTH && !unknownLength && head.contentLength() <= SMALL;
    int content = small ? (int) head.contentLength() : 0;
    ByteBuf out = channel.alloc().buffer(head.fields().count() * 48 + 256 + content);
    ResponseWriter.write(out, head, edit, chunkedOut, persistence(), loop.ownFields());
    if (small) {
      held = out;
    } else {
      channel.write(out, channel.voidPromise());
    }
  }

  /// Writes a head that was held back for its content.
  private void writeHeld() {
    ByteBuf out = held;
    if (out != null) {
      held = null;
      channel.write(out, channel.voidPromise());
    }
  }

  /// The connection is gone: what was held back is of no use.
  void gone() {
    if (held != null) {
      held.release();
      held = null;
    }
  }

  private Persistence persistence() {
    if (!keepAfter) {
      return Persistence.CLOSE;
    }
    return request.minorVersion() == 0 ? Persistence.KEEP_ALIVE : Persistence.IMPLIED;
  }

  @Override
  public void content(ByteBuf piece) {
    connection.moves();
    ByteBuf head = held;
    if (head != null && piece.readableBytes() <= SMALL) {
      head.writeBytes(piece);
      piece.release();
      return;
    }
    writeHeld();
    if (chunkedOut) {
      Chunks.write(channel, piece);
    } else {
      channel.write(piece, channel.voidPromise());
    }
  }

  @Override
  public @Nullable Channel passage() {
    return chunkedOut || peer.secure() ? null : channel;
  }

  @Override
  public void content(PipedBytes piece) {
    connection.moves();
    writeHeld();
    channel.write(piece, channel.voidPromise());
  }

  @Override
  public void stream(LocalReply head) {
    chunkedOut = request.minorVersion() >= 1 && !request.isHead();
    untilClose = !chunkedOut;
    keepAfter &= chunkedOut;
    ByteBuf out = channel.alloc().buffer(512);
    ResponseWriter.write(out, head, chunkedOut, persistence(), loop.ownFields());
    channel.writeAndFlush(out, channel.voidPromise());
  }

  @Override
  public void end(@Nullable FieldSection trailers) {
    writeHeld();
    if (chunkedOut) {
      channel.write(Chunks.last(channel, trailers), channel.voidPromise());
    }
    connection.answered();
  }

  @Override
  public void reply(LocalReply reply) {
    if (reply.close() || connection.awaitsContinue() || loop.isDraining()) {
      keepAfter = false;
    }
    boolean body = !request.isHead() && reply.body().length > 0;
    ByteBuf out =
        channel.alloc().buffer(reply.fields().size() * 64 + 256 + (body ? reply.body().length : 0));
    ResponseWriter.write(out, reply, false, persistence(), loop.ownFields());
    if (body) {
      out.writeBytes(reply.body());
    }
    channel.write(out, channel.voidPromise());
    connection.answered();
  }

  @Override
  public void abort() {
    writeHeld();
    connection.abort(untilClose);
  }

  @Override
  public void switched(ResponseHead head) {
    connection.switchProtocols();
    ByteBuf out = channel.alloc().buffer(256);
    ResponseWriter.write(out, head, HeadEdit.NONE, false, Persistence.UPGRADE, loop.ownFields());
    channel.write(out, channel.voidPromise());
  }

  @Override
  public void endTunnelOutput() {
    connection.endOutput();
  }

  @Override
  public void demand(boolean wanted) {
    connection.demand(wanted);
  }

  @Override
  public void flush() {
    writeHeld();
    round.flush(channel);
  }

  @Override
  public boolean isWritable() {
    return channel.isWritable();
  }

  @Override
  public EventLoop eventLoop() {
    return channel.eventLoop();
  }

  @Override
  public String listener() {
    return loop.name();
  }

  @Override
  public String protocol() {
    return request.minorVersion() == 0 ? "HTTP/1.0" : "HTTP/1.1";
  }

  @Override
  public boolean isSecure() {
    return peer.secure();
  }

  @Override
  public OptionalInt httpsPort() {
    return loop.settings().redirectToHttps();
  }

  @Override
  public SocketAddress clientAddress() {
    return peer.address();
  }

  @Override
  public ClientConnection client() {
    return new ClientConnection(peer.ends(), channel);
  }

  @Override
  public ForwardedFields forwarded() {
    return forwarded;
  }

  @Override
  public String frontId() {
    return peer.frontId();
  }

  @Override
  public ListenerSettings.FrontStatus frontStatus() {
    return loop.settings().frontStatus();
  }
}
