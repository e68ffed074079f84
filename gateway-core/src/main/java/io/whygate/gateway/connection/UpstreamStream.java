package io.whygate.gateway.connection;

import io.netty.buffer.ByteBuf;
import io.whygate.diagnostics.facts.WireFacts;
import io.whygate.gateway.http.FieldSection;
import org.jspecify.annotations.Nullable;

/// The way of one exchange over a connection to an endpoint, whatever protocol it speaks: the
/// request goes in, the answer comes out to a [ResponseReceiver].
///
/// [#begin] comes first. Buffers that are handed in are the stream's to release. Confined to the
/// event loop of its connection.
public interface UpstreamStream {
  UpstreamConnection connection();

  /// Begins an exchange: writes the head of the request, without flushing. What comes next is its
  /// answer.
  void begin(ResponseReceiver receiver, OutgoingRequest request);

  /// Writes a piece of the request's content, in the framing that its head announced, or bytes of a
  /// tunnel; without flushing.
  void send(ByteBuf bytes);

  /// Says that the request waits for an answer before its content is sent (RFC 9110 section
  /// 10.1.1).
  void awaitContinue();

  /// Says that the request is whole: the time for an answer begins. Does not flush.
  void requestEnd(@Nullable FieldSection trailers);

  void flush();

  /// Whether it wants more for now.
  boolean isWritable();

  /// Whether some of the request that came waits until the server takes it.
  default boolean isStalled() {
    return false;
  }

  /// Stops reading until [#resume].
  void pause();

  void resume();

  /// Keeps back all that follows the head of the answer, called from within
  /// [ResponseReceiver#responseHead], until [#proceed].
  void hold();

  /// Goes on after [#hold].
  void proceed();

  /// Ends this side of a tunnel; the server's side may go on.
  void endTunnelOutput();

  /// What is spoken, by its name in ALPN.
  String protocol();

  /// Whether its protocol can say that a request was not processed, so that any may be sent again.
  boolean tellsUnprocessed();

  /// Notes that its exchange is about to be given up since the client's time is over, which says
  /// nothing of the server by itself.
  default void lapsed() {}

  /// Gives the exchange up: calls nobody any more.
  void abandon();

  /// Bytes of the request that were handed to the system.
  long bytesSent();

  /// Bytes of the answer that came.
  long bytesReceived();

  /// When the request had been written whole; 0 where it is not.
  long sentNanos();

  /// When the first byte of the answer came; 0 where none did.
  long firstByteNanos();

  /// The first bytes of the answer, a character a byte, at most [FailedAttempt#FIRST_BYTES].
  String firstBytes();

  /// The mark by which the answer is the page of a filter before the site
  /// ([io.whygate.diagnostics.facts.BlockPage]); empty where it is not.
  String blockMark();

  /// What else the wire showed of an answer that failed.
  WireFacts wire();
}
