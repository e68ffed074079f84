package io.whygate.gateway.transport;

import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;

/// Chooses how much of a connection is read at once: more as soon as a read took all that it had
/// room for, half once several in a row could have done with that.
///
/// Netty's own falls back at the second small read, and so between two sizes with every answer that
/// is a little larger than one of them: each then takes a second read, and a second write to the
/// client. One object may serve many connections.
public final class ReadSizes extends DefaultMaxMessagesRecvByteBufAllocator {
  private static final int GROWTH = 16;

  /// After so many small reads the next ones are smaller. A piece that is kept holds the whole of
  /// the buffer that it was read into, so it is few.
  private static final int PATIENCE = 4;

  private final int least;
  private final int first;
  private final int most;

  /// @param least bytes of the smallest read
  /// @param first bytes of the first one
  /// @param most bytes of the largest one
  public ReadSizes(int least, int first, int most) {
    this.least = least;
    this.first = first;
    this.most = most;
  }

  @Override
  @SuppressWarnings("deprecation") // Netty has not named what takes its place
  public Handle newHandle() {
    return new Sizes();
  }

  private final class Sizes extends MaxMessageHandle {
    private int size = first;
    private int small;

    @Override
    public int guess() {
      return size;
    }

    @Override
    public void lastBytesRead(int bytes) {
      if (bytes == attemptedBytesRead()) {
        size = Math.min(most, size * GROWTH);
        small = 0;
      }
      super.lastBytesRead(bytes);
    }

    @Override
    public void readComplete() {
      if (totalBytesRead() > size / 2) {
        small = 0;
      } else if (++small == PATIENCE) {
        small = 0;
        size = Math.max(least, size / 2);
      }
    }
  }
}
