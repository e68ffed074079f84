package io.whygate.gateway.connection.http1;

import io.netty.channel.Channel;
import io.whygate.gateway.transport.PipedBytes;
import io.whygate.gateway.transport.Splices;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Whether the rest of an answer is passed on within the kernel, or read: for a large one that
/// comes in large pieces a third of the work is saved, for small pieces a read and a write cost
/// less than two moves through a pipe.
///
/// One object a connection, confined to its event loop.
final class Splicing {
  /// An answer with less to come is read.
  static final int LEAST = 128 * 1024;

  /// Behind a piece of such a size more may wait.
  static final int LARGE = 48 * 1024;

  /// So many pieces are passed on before it is another connection's turn.
  static final int IN_A_ROW = 4;

  private static final int SMALL = 32 * 1024;

  /// After so many small pieces in a row the rest of the answer is read.
  private static final int PATIENCE = 2;

  private final Channel channel;
  private final Splices.Reader reader;
  private final Splices splices = Splices.current();
  private boolean watches;
  private int small;

  Splicing(Channel channel, Splices.Reader reader) {
    this.channel = channel;
    this.reader = reader;
  }

  /// Asks to be told of what comes before it is read, unless it came in small pieces so far.
  void begin() {
    if (!watches && small < PATIENCE) {
      watches = true;
      splices.watch(channel, reader);
    }
  }

  /// Takes a piece.
  ///
  /// @param elseRead whether it is read where it cannot be taken; else it is asked for again
  /// @return null where there is none, or it cannot be taken
  @Nullable PipedBytes take(Channel to, long left, boolean elseRead) throws IOException {
    PipedBytes piece = splices.take(channel, to, left, elseRead);
    if (piece == null || piece.count() >= Math.min(left, SMALL)) {
      small = 0;
    } else if (++small == PATIENCE) {
      stop();
    }
    return piece;
  }

  /// The answer is over.
  void end() {
    stop();
    small = 0;
  }

  private void stop() {
    if (watches) {
      watches = false;
      splices.unwatch(channel);
    }
  }
}
