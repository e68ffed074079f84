package io.whygate.gateway.connection.http1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.whygate.gateway.connection.OutgoingRequest;
import io.whygate.gateway.http.Chunks;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.transport.Transport;
import org.jspecify.annotations.Nullable;

/// Writes one request after the other to a connection, each in its framing, or bytes of a tunnel.
///
/// Flushes nothing. Confined to the event loop of its connection.
final class RequestSender {
  private final Channel channel;
  private boolean chunked;
  private boolean ended;
  private boolean awaitsContinue;
  private long bytesSent;
  private long sentNanos;
  private @Nullable Throwable stopped;

  RequestSender(Channel channel) {
    this.channel = channel;
  }

  /// Begins with the next request: writes its head.
  void begin(OutgoingRequest request) {
    ended = false;
    awaitsContinue = false;
    bytesSent = 0;
    sentNanos = 0;
    chunked = request.framing() == Framing.CHUNKED;
    ByteBuf head = channel.alloc().buffer(request.sizeHint());
    request.writeHttp1(head);
    write(head);
  }

  /// Writes a piece of content, or bytes of a tunnel, and owns them.
  void send(ByteBuf bytes) {
    if (!chunked) {
      write(bytes);
    } else if (counts(bytes)) {
      Chunks.write(channel, bytes);
    }
  }

  private void write(ByteBuf bytes) {
    if (counts(bytes)) {
      channel.write(bytes, channel.voidPromise());
    }
  }

  /// Counts what is to be sent; drops it where the server takes no more.
  private boolean counts(ByteBuf bytes) {
    if (stopped != null) {
      bytes.release();
      return false;
    }
    bytesSent += bytes.readableBytes();
    return true;
  }

  /// Writes what ends the request.
  ///
  /// @return whether it was not ended before
  boolean end(@Nullable FieldSection trailers) {
    if (chunked) {
      write(Chunks.last(channel, trailers));
    }
    boolean first = !ended;
    if (first) {
      ended = true;
      awaitsContinue = false;
      sentNanos = System.nanoTime();
    }
    return first;
  }

  boolean hasEnded() {
    return ended;
  }

  /// Whether the request was written whole, and the server does not take the rest of it.
  boolean isStalled() {
    long left = Transport.unsent(channel);
    return ended && (left > 0 ? !isLost() : Transport.isWindowClosed(channel));
  }

  /// Whether what was sent gets lost on its way: that is no server that does not read.
  private boolean isLost() {
    return Transport.tcpFacts(channel)
        .filter(facts -> facts.unacked() > 0 && facts.retransmits() > 0)
        .isPresent();
  }

  /// Notes that the request was not sent whole after all.
  void stalled() {
    sentNanos = 0;
    bytesSent = Math.max(0, bytesSent - Transport.unsent(channel));
  }

  /// Notes that the content waits for a 100 of the server's.
  void awaitContinue() {
    awaitsContinue = true;
  }

  /// Notes that the content waits no longer.
  ///
  /// @return whether it did, and is still to come
  boolean continues() {
    boolean waited = awaitsContinue;
    awaitsContinue = false;
    return waited && !ended;
  }

  /// Sends no more.
  void stop(Throwable cause) {
    stopped = cause;
  }

  /// Why nothing more is sent; null where all is well.
  @Nullable Throwable stopped() {
    return stopped;
  }

  long bytesSent() {
    return bytesSent;
  }

  /// When the request had been written whole; 0 where it is not.
  long sentNanos() {
    return sentNanos;
  }
}
