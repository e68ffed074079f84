package io.whygate.gateway.telemetry;

import io.whygate.gateway.config.LogFormat;
import io.whygate.gateway.exchange.FinishedExchange;

/// Writes finished exchanges as lines; one for each event loop, since what it writes into is used
/// again.
interface LineFormat {

  /// Writes the line of an exchange, its line feed included, to a queue.
  void format(FinishedExchange exchange, LineQueue to);

  static LineFormat of(LogFormat format) {
    return switch (format) {
      case LogFormat.Json _ -> new AccessLogLine();
      case LogFormat.Pattern(var pieces) -> new PatternLine(pieces);
    };
  }
}
