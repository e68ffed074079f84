package io.whygate.gateway.exchange;

import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;

/// The date form of Retry-After (RFC 9110 section 10.2.3).
final class RetryAfterDate {
  private RetryAfterDate() {}

  /// Seconds until the date, at least 0; -1 where it is none.
  static long secondsUntil(String date) {
    try {
      Instant at = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return Math.max(0, Duration.between(Instant.now(), at).toSeconds());
    } catch (DateTimeParseException e) {
      return -1;
    }
  }
}
