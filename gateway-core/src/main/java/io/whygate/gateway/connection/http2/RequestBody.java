package io.whygate.gateway.connection.http2;

import io.netty.buffer.ByteBuf;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http2.Frames;
import io.whygate.gateway.http2.TrailerBlocks;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// The content of one request on its way to a server: what the stream's window does not let through
/// waits here, and its sender is told to pause. Confined to its event loop.
final class RequestBody {
  private final Http2UpstreamStream stream;
  private final Outbound outbound;
  private final int most;

  private @Nullable ArrayDeque<ByteBuf> pieces;
  private @Nullable FieldSection trailers;
  private int queued;
  private long window;
  private long sent;
  private boolean held;
  private boolean ends;
  private boolean ended;
  private boolean closed;

  /// Whether it stands in the queue of [Outbound], whose mark this is.
  boolean scheduled;

  /// @param window how much the server takes at first
  /// @param most how much may wait here before the sender is told
  RequestBody(Http2UpstreamStream stream, Outbound outbound, long window, int most) {
    this.stream = stream;
    this.outbound = outbound;
    this.window = window;
    this.most = most;
  }

  /// Takes a piece, and owns it.
  void add(ByteBuf piece) {
    if (closed || ends || !piece.isReadable()) {
      piece.release();
      return;
    }
    ArrayDeque<ByteBuf> queue = pieces;
    if (queue == null) {
      queue = new ArrayDeque<>(4);
      pieces = queue;
    }
    queue.addLast(piece);
    queued += piece.readableBytes();
    offer();
    if (queued >= most) {
      outbound.pump();
    }
  }

  /// Nothing follows but these trailer fields.
  void end(@Nullable FieldSection fields) {
    if (!closed && !ends) {
      trailers = fields != null && TrailerBlocks.isAny(fields) ? fields : null;
      ends = true;
      offer();
    }
  }

  /// The head said that nothing follows.
  void endedWithHead() {
    ends = true;
    ended = true;
  }

  private void offer() {
    if (maySend()) {
      outbound.schedule(this);
    }
  }

  /// Whether all of it is sent.
  boolean isSent() {
    return ended;
  }

  /// Whether something waits for the server.
  boolean waits() {
    return !closed && !ended && (queued > 0 || ends);
  }

  /// Bytes that were handed to the system.
  long sent() {
    return sent;
  }

  /// Whether the sender may go on.
  boolean isWritable() {
    held = !closed && queued >= most;
    return !held;
  }

  /// Whether nothing but the end is left to send.
  boolean onlyEnds() {
    return queued == 0;
  }

  /// Whether there is something that the stream's window lets through.
  boolean maySend() {
    return !closed && !ended && (queued > 0 ? window > 0 : ends);
  }

  /// The server lets more come; false where its window overflows.
  boolean widen(long increment) {
    window += increment;
    if (window > Frames.MAX_WINDOW) {
      return false;
    }
    offer();
    return true;
  }

  /// Sends one frame of at most so many bytes of content.
  ///
  /// @return bytes of content that it sent
  int send(int atMost) {
    ArrayDeque<ByteBuf> queue = pieces;
    if (queue == null || queue.isEmpty()) {
      sendEnd();
      return 0;
    }
    ByteBuf first = queue.getFirst();
    int size = (int) Math.min(Math.min(atMost, window), first.readableBytes());
    boolean whole = size == first.readableBytes();
    ByteBuf content = whole ? queue.removeFirst() : first.readRetainedSlice(size);
    queued -= size;
    window -= size;
    sent += size;
    boolean end = ends && queue.isEmpty() && trailers == null;
    outbound.data(stream.id(), content, end);
    if (end) {
      ended = true;
    }
    stream.sentFrame();
    if (held && queued * 2 <= most) {
      held = false;
      stream.writable();
    }
    return size;
  }

  private void sendEnd() {
    ByteBuf out = outbound.out();
    FieldSection fields = trailers;
    if (fields == null) {
      Frames.head(out, 0, Frames.DATA, Frames.END_STREAM, stream.id());
    } else {
      TrailerBlocks.write(out, stream.id(), fields);
    }
    outbound.wrote();
    ended = true;
    stream.progressed();
  }

  /// Gives up what is not sent.
  void close() {
    closed = true;
    outbound.remove(this);
    ArrayDeque<ByteBuf> queue = pieces;
    if (queue != null) {
      queue.forEach(ByteBuf::release);
      queue.clear();
      queued = 0;
    }
  }
}
