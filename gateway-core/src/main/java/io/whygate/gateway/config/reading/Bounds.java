package io.whygate.gateway.config.reading;

import java.time.Duration;

/// Round amounts between which settings are allowed. Others are made by `Duration.of...`: to
/// multiply one takes 20 ms of a start, for the tables of `BigDecimal`.
final class Bounds {
  static final Duration ZERO = Duration.ZERO;
  static final Duration MS = Duration.ofMillis(1);
  static final Duration MINUTE = Duration.ofMinutes(1);
  static final Duration HOUR = Duration.ofHours(1);
  static final Duration DAY = Duration.ofDays(1);
  static final long KIB = 1024;
  static final long MIB = 1024 * KIB;
  static final long GIB = 1024 * MIB;
  static final long TIB = 1024 * GIB;

  private Bounds() {}
}
