package io.whygate.gateway.transport;

import io.netty.channel.Channel;
import io.netty.util.concurrent.FastThreadLocal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A round of an event loop: the events that one wait brought. In it like follows like: first the
/// sockets are read, then what came is worked on, then what was written is sent. Each of the three
/// finds its code, the kernel's too, in the processor's caches, where one request after the other
/// would drive it out; that is worth a twelfth of what a small request costs
/// (`docs/decisions/0021`).
///
/// Only what is small is put off, and not more of it than has room: a large piece is passed on at
/// once, so that its memory is soon free for the next one. Outside of a round, and with transports
/// that have none, nothing is put off. Confined to the thread of its event loop.
public final class Round {
  /// What is larger than so many bytes is not put off.
  public static final int SMALL = 8192;

  /// How much work, and how many flushes, are put off at most.
  private static final int MOST = 64;

  private static final Logger LOG = LoggerFactory.getLogger(Round.class);

  private static final FastThreadLocal<Round> CURRENT =
      new FastThreadLocal<>() {
        @Override
        protected Round initialValue() {
          return new Round();
        }
      };

  private final @Nullable Work[] works = new Work[MOST];
  private int workCount;
  private final @Nullable Channel[] flushes = new Channel[MOST];
  private int flushCount;
  private boolean reading;
  private boolean open;

  private Round() {}

  /// What came on a connection and has not been worked on.
  public interface Work {
    /// Works on it; does nothing where that has happened already.
    void work();
  }

  /// The one of the thread that calls.
  public static Round current() {
    return CURRENT.get();
  }

  /// Takes work to be done once this round's sockets are read.
  ///
  /// @return whether it was taken; else it is to be done at once
  public boolean takes(Work work) {
    if (!reading) {
      return false;
    }
    if (workCount == MOST) {
      reading = false;
      work();
      reading = true;
    }
    works[workCount++] = work;
    return true;
  }

  /// Sends what was written to a channel, at the end of the round where it is little.
  public void flush(Channel channel) {
    if (!open || Transport.unsent(channel) > SMALL) {
      channel.flush();
      return;
    }
    if (flushCount == MOST) {
      open = false;
      flush();
      open = true;
    }
    flushes[flushCount++] = channel;
  }

  void begin() {
    reading = true;
    open = true;
  }

  void end() {
    reading = false;
    work();
    open = false;
    flush();
  }

  private void work() {
    int count = workCount;
    workCount = 0;
    for (int i = 0; i < count; i++) {
      Work each = works[i];
      works[i] = null;
      if (each != null) {
        guarded(each);
      }
    }
  }

  /// One that fails does not cost the others their turn.
  private static void guarded(Work work) {
    try {
      work.work();
    } catch (RuntimeException | Error e) {
      LOG.error("an unexpected error in a round of an event loop", e);
    }
  }

  private void flush() {
    int count = flushCount;
    flushCount = 0;
    for (int i = 0; i < count; i++) {
      Channel each = flushes[i];
      flushes[i] = null;
      if (each != null) {
        guarded(each::flush);
      }
    }
  }
}
