package io.whygate.gateway.connection.http2;

import io.netty.buffer.ByteBuf;
import io.whygate.diagnostics.facts.ResponseProblem;
import io.whygate.gateway.config.SmallPieces;
import io.whygate.gateway.http.PieceBudget;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// The content of one answer: handed on as it comes, or kept while its receiver pauses. The
/// stream's window opens as it is handed on, so that no more than the window is ever kept (RFC 9113
/// section 5.2). Confined to its event loop.
final class AnswerBody {
  private final Http2UpstreamStream stream;
  private final int size;
  private final SmallPieces smallPieces;

  private @Nullable ArrayDeque<ByteBuf> pieces;
  private @Nullable PieceBudget budget;
  private int window;
  private int taken;
  private long left = -1;
  private boolean paused;
  private boolean handing;
  private boolean ended;
  private boolean endTold;

  /// @param size the window that the server was told of
  /// @param smallPieces that there may be
  AnswerBody(Http2UpstreamStream stream, int size, SmallPieces smallPieces) {
    this.stream = stream;
    this.size = size;
    this.smallPieces = smallPieces;
    this.window = size;
  }

  /// Sets how many bytes there have to be; -1 where that is not known.
  void expect(long bytes) {
    left = bytes;
  }

  /// Takes the payload of a DATA frame from the window; false where it is too large.
  boolean takes(int frameSize) {
    window -= frameSize;
    return window >= 0;
  }

  /// Whether a piece that is not the last may be so small; false where there were too many.
  boolean isWorthIts(int length) {
    PieceBudget known = budget;
    if (known == null) {
      if (length >= smallPieces.least()) {
        return true;
      }
      known = new PieceBudget(smallPieces);
      budget = known;
    }
    return known.takes(length);
  }

  /// The padding of a frame is dealt with.
  void padded(int bytes) {
    if (bytes > 0) {
      took(bytes);
    }
  }

  /// Content came; owns it.
  ///
  /// @return what is wrong with its length, or null
  @Nullable ResponseProblem content(ByteBuf content) {
    int length = content.readableBytes();
    if (left >= 0) {
      left -= length;
      if (left < 0) {
        content.release();
        return ResponseProblem.EXCESS_BODY;
      }
    }
    if (length == 0) {
      content.release();
      return null;
    }
    if (paused || handing || isKept()) {
      keep(content);
      hand();
    } else {
      handing = true;
      try {
        hand(content);
      } finally {
        handing = false;
      }
      if (ended || isKept()) {
        hand();
      }
    }
    return null;
  }

  private void keep(ByteBuf content) {
    ArrayDeque<ByteBuf> queue = pieces;
    if (queue == null) {
      queue = new ArrayDeque<>(4);
      pieces = queue;
    }
    queue.addLast(content);
  }

  /// Nothing follows.
  ///
  /// @return what is wrong with the length, or null
  @Nullable ResponseProblem end() {
    if (left > 0) {
      return ResponseProblem.CUT_SHORT;
    }
    ended = true;
    hand();
    return null;
  }

  /// Whether the server has ended its side.
  boolean isEnded() {
    return ended;
  }

  boolean isPaused() {
    return paused;
  }

  /// Whether something is kept.
  boolean isKept() {
    return pieces != null && !pieces.isEmpty();
  }

  void pause() {
    paused = true;
  }

  void resume() {
    if (paused) {
      paused = false;
      hand();
    }
  }

  private void hand() {
    if (handing) {
      return;
    }
    handing = true;
    try {
      ArrayDeque<ByteBuf> queue = pieces;
      while (!paused && queue != null && !queue.isEmpty()) {
        hand(queue.removeFirst());
      }
    } finally {
      handing = false;
    }
    if (ended && !endTold && !paused && !isKept()) {
      endTold = true;
      stream.answered();
    }
  }

  private void hand(ByteBuf piece) {
    int length = piece.readableBytes();
    stream.hand(piece);
    took(length);
  }

  /// So many bytes are dealt with: the server may send as many again.
  private void took(int bytes) {
    taken += bytes;
    if (!ended && taken * 2L >= size) {
      window += taken;
      stream.widen(taken);
      taken = 0;
    }
  }

  /// Gives up what is kept.
  void close() {
    paused = true;
    ArrayDeque<ByteBuf> queue = pieces;
    while (queue != null && !queue.isEmpty()) {
      queue.removeFirst().release();
    }
  }
}
