package io.whygate.gateway.listener.http2;

import java.util.Arrays;

/// How the latest streams of a connection were closed: it decides what a frame that comes for one
/// of them means (RFC 9113 section 5.1).
final class ClosedStreams {
  private static final int MOST = 512;

  private int[] ids = new int[8];
  private How[] hows = new How[8];
  private int next;

  enum How {
    /// Long ago, or never opened.
    UNKNOWN,
    /// Both sides ended it.
    ENDED,
    /// The client reset it.
    RESET_BY_CLIENT,
    /// The gateway reset it: what the client sent before it knew is still to come.
    RESET_HERE
  }

  ClosedStreams() {
    Arrays.fill(hows, How.UNKNOWN);
  }

  void add(int id, How how) {
    if (next == ids.length && next < MOST) {
      int size = next * 2;
      ids = Arrays.copyOf(ids, size);
      hows = Arrays.copyOf(hows, size);
      Arrays.fill(hows, next, size, How.UNKNOWN);
    } else if (next == ids.length) {
      next = 0;
    }
    ids[next] = id;
    hows[next] = how;
    next++;
  }

  How of(int id) {
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] == id) {
        return hows[i];
      }
    }
    return How.UNKNOWN;
  }
}
