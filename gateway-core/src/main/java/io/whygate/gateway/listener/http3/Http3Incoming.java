package io.whygate.gateway.listener.http3;

import io.netty.buffer.ByteBuf;
import io.whygate.gateway.exchange.Exchange;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Framing;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// What a client sends on one stream after the head of its request. It is read as the exchange
/// takes it, so that QUIC's window of the stream opens no sooner. Confined to its event loop.
final class Http3Incoming {
  private final Http3Stream stream;
  private @Nullable ArrayDeque<ByteBuf> pieces;
  private @Nullable FieldSection trailers;
  private long total;
  private boolean demanded;
  private boolean discards;
  private boolean handing;
  private boolean ended;
  private boolean endTold;

  Http3Incoming(Http3Stream stream) {
    this.stream = stream;
  }

  /// Whether the client has ended its side.
  boolean isEnded() {
    return ended;
  }

  /// Bytes of content that came.
  long total() {
    return total;
  }

  /// Whether the client is free to send, and expected to.
  boolean awaits() {
    return demanded && !ended;
  }

  /// Whether content may lie here, or in QUIC's window, that nobody demands.
  boolean holds() {
    return !demanded && !discards && !ended;
  }

  /// Whether content lies here.
  boolean isFilled() {
    return pieces != null && !pieces.isEmpty();
  }

  /// Whether what comes next is to be read.
  boolean isWanted() {
    return !ended && (demanded || discards);
  }

  /// The stream carries another protocol from now on.
  void tunnelled() {
    endTold = false;
  }

  /// The head is all that there is.
  void endedWithHead() {
    endTold = true;
  }

  /// Content came; owns it.
  void data(ByteBuf content) {
    int length = content.readableBytes();
    total += length;
    stream.arrived(length);
    if (discards || length == 0) {
      content.release();
      stream.settle();
      return;
    }
    ArrayDeque<ByteBuf> queue = pieces;
    if (queue == null) {
      queue = new ArrayDeque<>(4);
      pieces = queue;
    }
    queue.addLast(content);
    hand();
  }

  void trailers(@Nullable FieldSection fields) {
    trailers = fields;
  }

  /// The client has ended its side.
  void end() {
    ended = true;
    hand();
    stream.settle();
  }

  void demand(boolean wanted) {
    if (demanded == wanted) {
      return;
    }
    demanded = wanted;
    if (!handing) {
      hand();
      if (wanted) {
        stream.readCompleted();
      }
    }
  }

  /// Hands on what is there and demanded.
  void hand() {
    if (handing || stream.exchange() == null) {
      return;
    }
    handing = true;
    try {
      ArrayDeque<ByteBuf> queue = pieces;
      while (demanded && queue != null && !queue.isEmpty()) {
        give(queue.removeFirst());
      }
      if (ended && !endTold && (queue == null || queue.isEmpty())) {
        tellEnd();
      }
    } catch (RuntimeException | Error e) {
      stream.broke(e);
    } finally {
      handing = false;
    }
    if (stream.exchange() != null) {
      stream.await();
    }
  }

  private void give(ByteBuf piece) {
    Exchange exchange = stream.exchange();
    if (exchange == null) {
      piece.release();
    } else if (stream.isTunnel()) {
      exchange.tunnelContent(piece);
    } else {
      exchange.requestContent(piece);
    }
  }

  private void tellEnd() {
    Exchange exchange = stream.exchange();
    if (exchange == null) {
      return;
    }
    if (stream.isTunnel()) {
      endTold = true;
      exchange.clientTunnelEnded();
    } else if (stream.request().framing() != Framing.NONE) {
      endTold = true;
      exchange.requestEnd(trailers);
    }
  }

  /// Throws away what is here and what still comes; false where it does so already.
  boolean discards() {
    release();
    boolean begins = !discards;
    discards = true;
    return begins;
  }

  /// Gives up what was not taken.
  void release() {
    ArrayDeque<ByteBuf> queue = pieces;
    while (queue != null && !queue.isEmpty()) {
      queue.removeFirst().release();
    }
  }
}
