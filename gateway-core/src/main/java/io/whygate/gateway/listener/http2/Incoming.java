package io.whygate.gateway.listener.http2;

import io.netty.buffer.ByteBuf;
import io.whygate.gateway.exchange.Exchange;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http2.ErrorCode;
import io.whygate.gateway.listener.client.RequestFields;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// What a client sends on one stream after the head of its request. Its window opens as the
/// exchange takes the content, not as it comes (RFC 9113 section 5.2). Confined to its event loop.
final class Incoming {
  private final Http2Stream stream;
  private final int size;

  private @Nullable ArrayDeque<ByteBuf> pieces;
  private @Nullable FieldSection trailers;
  private int window;
  private int taken;
  private long total;
  private boolean demanded;
  private boolean handing;
  private boolean ended;
  private boolean endTold;

  /// @param size the window that the client was told of
  Incoming(Http2Stream stream, int size) {
    this.stream = stream;
    this.size = size;
    this.window = size;
  }

  /// The head said that nothing follows.
  void endedWithHead() {
    ended = true;
    endTold = true;
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

  /// A DATA frame came; owns the content.
  ///
  /// @param frameSize its payload with the padding, which counts for flow control
  /// @return the error that it is, or null
  @Nullable ErrorCode data(ByteBuf content, int frameSize, boolean end) {
    int length = content.readableBytes();
    if (frameSize > window) {
      content.release();
      return ErrorCode.FLOW_CONTROL_ERROR;
    }
    window -= frameSize;
    total += length;
    long announced = stream.request().contentLength();
    boolean wrong = announced >= 0 && (total > announced || (end && total < announced));
    if (wrong && !stream.isTunnel()) {
      content.release();
      return ErrorCode.PROTOCOL_ERROR;
    }
    took(frameSize - length);
    ended = end;
    if (length > 0) {
      keep(content);
    } else {
      content.release();
    }
    long limit = stream.connection().settings().limits().body();
    if (limit >= 0 && total > limit && !stream.isTunnel() && !stream.isOver()) {
      stream.refuse(RequestFields.tooMuchContent(limit));
      return null;
    }
    hand();
    stream.settle();
    return null;
  }

  /// Throws away what is here and what still comes.
  ///
  /// @return whether the client may send more
  boolean discards() {
    release();
    demanded = true;
    return window > 0;
  }

  private void keep(ByteBuf content) {
    ArrayDeque<ByteBuf> queue = pieces;
    if (queue == null) {
      queue = new ArrayDeque<>(4);
      pieces = queue;
    }
    queue.addLast(content);
  }

  /// Trailer fields came, and with them the end.
  ///
  /// @return the error that it is, or null
  @Nullable ErrorCode trailers(@Nullable FieldSection fields) {
    long announced = stream.request().contentLength();
    if (announced >= 0 && total != announced) {
      return ErrorCode.PROTOCOL_ERROR;
    }
    trailers = fields;
    ended = true;
    hand();
    stream.settle();
    return null;
  }

  void demand(boolean wanted) {
    if (demanded == wanted) {
      return;
    }
    demanded = wanted;
    if (!handing) {
      hand();
      if (wanted) {
        stream.connection().readCompleted(stream);
      }
    }
  }

  /// The stream carries another protocol from now on.
  void tunnelled() {
    endTold = false;
  }

  /// Hands on what is there and demanded.
  private void hand() {
    if (handing) {
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
    int length = piece.readableBytes();
    if (exchange == null) {
      piece.release();
    } else if (stream.isTunnel()) {
      exchange.tunnelContent(piece);
    } else {
      exchange.requestContent(piece);
    }
    took(length);
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

  /// So many bytes are dealt with: the client may send as many again.
  private void took(int bytes) {
    stream.connection().credit(bytes);
    taken += bytes;
    if (!ended && !stream.isOver() && taken * 2 >= size) {
      window += taken;
      stream.connection().widen(stream.id(), taken);
      taken = 0;
    }
  }

  /// Gives up what was not taken.
  void release() {
    ArrayDeque<ByteBuf> queue = pieces;
    while (queue != null && !queue.isEmpty()) {
      ByteBuf piece = queue.removeFirst();
      stream.connection().credit(piece.readableBytes());
      piece.release();
    }
  }
}
