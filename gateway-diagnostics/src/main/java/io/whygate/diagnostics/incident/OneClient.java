package io.whygate.diagnostics.incident;

/// Whether one client alone meets an incident: others were served the same between its failures, so
/// that what works for them, or for a probe, says nothing of it.
///
/// Written by event loops without a lock: of two that meet, either may be forgotten.
final class OneClient {
  private static final long NOBODY = 0;
  private static final long SEVERAL = -1;

  private volatile long client = NOBODY;
  private volatile boolean othersServed;
  private volatile boolean alone;

  /// A request failed.
  ///
  /// @param by stands for the client; 0 where it is not known
  void failed(long by) {
    long known = client;
    if (known == SEVERAL) {
      return;
    }
    if (by == NOBODY || (known != NOBODY && known != by)) {
      client = SEVERAL;
      alone = false;
    } else if (known == NOBODY) {
      client = by;
    } else if (othersServed && !alone) {
      alone = true;
    }
  }

  /// A request like those that fail was served.
  void served(long by) {
    long known = client;
    if (known != NOBODY && known != SEVERAL && by != known && by != NOBODY && !othersServed) {
      othersServed = true;
    }
  }

  boolean isAlone() {
    return alone;
  }

  /// Whether what was served to this client says something.
  boolean isMetBy(long by) {
    return !alone || by == client;
  }
}
