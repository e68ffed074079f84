package io.whygate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/// The content of a request that was sent to an endpoint and may have to be sent again, up to a
/// limit.
///
/// Holds a reference to each piece until [#close]. Confined to its event loop.
final class ReplayBuffer {
  private final int limit;
  private final ArrayDeque<ByteBuf> pieces = new ArrayDeque<>();
  private int size;
  private boolean whole = true;

  /// @param limit beyond so many bytes nothing is kept and the content cannot be sent again
  ReplayBuffer(int limit) {
    this.limit = limit;
  }

  /// Keeps a piece, which stays the caller's.
  void keep(ByteBuf piece) {
    if (!whole) {
      return;
    }
    size += piece.readableBytes();
    if (size > limit) {
      whole = false;
      close();
      return;
    }
    pieces.add(piece.retainedDuplicate());
  }

  /// Whether all that was sent is still here.
  boolean isWhole() {
    return whole;
  }

  boolean isEmpty() {
    return pieces.isEmpty();
  }

  /// Hands out all pieces once more; the taker owns what it gets.
  void replay(Consumer<ByteBuf> taker) {
    for (ByteBuf piece : pieces) {
      taker.accept(piece.retainedDuplicate());
    }
  }

  /// Lets go of what is kept.
  void close() {
    while (!pieces.isEmpty()) {
      pieces.poll().release();
    }
  }
}
