package io.whygate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.proxyprotocol.ClientConnection;
import io.whygate.gateway.reply.LocalReply;
import io.whygate.gateway.transport.PipedBytes;
import java.net.SocketAddress;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// The client's side of an exchange, whatever protocol it speaks. All calls are made on its event
/// loop.
///
/// An answer is one of: any number of [#informational], then [#head], [#content] and [#end]; or one
/// [#reply]; or [#switched] and a tunnel; each of them may be broken off by [#abort].
public interface Downstream {

  EventLoop eventLoop();

  /// The listener's label.
  String listener();

  /// `HTTP/1.0`, `HTTP/1.1` or `HTTP/2`.
  String protocol();

  boolean isSecure();

  /// Where the same sites are served over TLS, when clear text is not to be; empty when it is.
  OptionalInt httpsPort();

  SocketAddress clientAddress();

  /// The client's connection.
  ClientConnection client();

  /// What the request's next hop is told of the client.
  ForwardedFields forwarded();

  /// What the client speaks, as a scheme.
  default String scheme() {
    return isSecure() ? "https" : "http";
  }

  /// Whether it carries nothing but a tunnel: no answer of the gateway's reaches the client.
  default boolean tunnelsOnly() {
    return false;
  }

  /// Whether the request goes on before its client's handshake is over (0-RTT): it may be a
  /// repetition by somebody else.
  default boolean isEarly() {
    return false;
  }

  /// By what the front's logs name the client's connection; empty where no front said so.
  default String frontId() {
    return "";
  }

  /// Whether 502 and 504 become 503 here.
  ListenerSettings.FrontStatus frontStatus();

  /// Passes an interim answer on.
  void informational(ResponseHead head);

  /// The status that the client is told of an answer.
  default int statusOf(ResponseHead head) {
    return head.status();
  }

  /// Passes the head of an answer on.
  void head(ResponseHead head, HeadEdit edit);

  /// Passes a piece of content on, and owns it.
  void content(ByteBuf piece);

  /// The client's connection, where content is written to it as it is; null where it is framed or
  /// encrypted on its way.
  default @Nullable Channel passage() {
    return null;
  }

  /// Passes a piece on that comes by [#passage], and owns it.
  default void content(PipedBytes piece) {
    piece.release();
    throw new UnsupportedOperationException("no passage");
  }

  /// Ends the answer.
  void end(@Nullable FieldSection trailers);

  /// Gives an answer of the gateway's own.
  void reply(LocalReply reply);

  /// Begins an answer of the gateway's own whose content follows by [#content] and [#end].
  void stream(LocalReply head);

  /// Breaks off an answer that has begun, so that the client sees that it is not whole.
  void abort();

  /// A server was told to stop with a request that it had been sent, for what the client did or the
  /// time that it gave. Who has that done too often is at its end (CVE-2025-8671); over HTTP/1.1 a
  /// connection has one request at a time, whose deadline is looked at every 20 ms.
  ///
  /// @return false where the client's connection has ended for it: nobody is to be answered
  default boolean brokeOff() {
    return true;
  }

  /// Passes a switch of protocols on: what comes from the client from now on goes to
  /// [Exchange#tunnelContent].
  void switched(ResponseHead head);

  /// Ends this direction of a tunnel.
  void endTunnelOutput();

  void flush();

  boolean isWritable();

  /// Lets content of the request come, or stops it. It is stopped at first.
  void demand(boolean wanted);
}
