package io.whygate.diagnostics.probe.own;

import io.whygate.diagnostics.probe.Finding.OwnInspected.ServerClock;
import io.whygate.diagnostics.probe.HeapUse.Collecting;
import java.util.List;

/// What the program around the diagnostics knows of its own health. Safe for use by many threads;
/// does not block.
public interface OwnSigns {
  /// Nothing is known.
  OwnSigns UNKNOWN =
      new OwnSigns() {
        @Override
        public long loopLagMicros(long sinceNanos) {
          return -1;
        }

        @Override
        public Collecting collecting(long sinceNanos) {
          return Collecting.NONE;
        }

        @Override
        public List<ServerClock> clocks() {
          return List.of();
        }
      };

  /// How late an event loop ran a task at worst since a moment, microseconds; -1 where unknown.
  ///
  /// @param sinceNanos the moment ([System#nanoTime()])
  long loopLagMicros(long sinceNanos);

  /// How long collections of garbage stopped the program since a moment.
  ///
  /// @param sinceNanos the moment ([System#nanoTime()])
  Collecting collecting(long sinceNanos);

  /// The clocks of servers that answered of late.
  List<ServerClock> clocks();
}
