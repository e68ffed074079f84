package io.whygate.gateway.http;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/// Reads Retry-After: seconds or a date (RFC 9110 section 10.2.3).
public final class RetryAfter {
  private static final int MOST_DIGITS = 9;

  private RetryAfter() {}

  /// Seconds from now, at least 0; -1 where it is neither form.
  public static long seconds(String value) {
    if (value.isEmpty()) {
      return -1;
    }
    boolean digits =
        value.length() <= MOST_DIGITS && value.chars().allMatch(c -> c >= '0' && c <= '9');
    return digits ? Long.parseLong(value) : secondsUntil(value);
  }

  private static long secondsUntil(String date) {
    try {
      Instant at = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return Math.max(0, Duration.between(Instant.now(), at).toSeconds());
    } catch (DateTimeException e) {
      return -1;
    }
  }
}
