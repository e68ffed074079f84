package io.whygate.gateway.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;

/// Times and lengths of time as a person at a terminal reads them.
final class Moments {
  private static final DateTimeFormatter WHOLE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss xxx").withZone(ZoneId.systemDefault());
  private static final DateTimeFormatter SHORT =
      DateTimeFormatter.ofPattern("MM-dd HH:mm:ss").withZone(ZoneId.systemDefault());

  private Moments() {}

  /// With its zone.
  static String whole(Instant at) {
    return WHOLE.format(at);
  }

  static String brief(Instant at) {
    return SHORT.format(at);
  }

  /// A time as JSON has it; the other where it is absent or none.
  static Instant parse(String text, Instant otherwise) {
    try {
      return text.isEmpty() ? otherwise : Instant.parse(text);
    } catch (DateTimeParseException _) {
      return otherwise;
    }
  }

  static String lasted(Duration duration) {
    long seconds = Math.max(0, duration.toSeconds());
    if (seconds < 60) {
      return seconds + "s";
    }
    return seconds < 3600
        ? seconds / 60 + "m" + seconds % 60 + "s"
        : seconds / 3600 + "h" + seconds % 3600 / 60 + "m";
  }

  static String millis(long micros) {
    return micros < 100_000
        ? micros / 1000 + "." + micros % 1000 / 100 + " ms"
        : micros < 10_000_000
            ? micros / 1000 + " ms"
            : micros / 1_000_000 + "." + micros % 1_000_000 / 100_000 + " s";
  }
}
