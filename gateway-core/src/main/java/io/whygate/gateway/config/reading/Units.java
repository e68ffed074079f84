package io.whygate.gateway.config.reading;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigValueFactory;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/// Durations and sizes as a configuration writes them.
///
/// A bare number is no amount: other gateways read it in other units. Only 0 needs none.
final class Units {
  private static final String[] SIZES = {"B", "KiB", "MiB", "GiB", "TiB"};

  private Units() {}

  static Optional<Duration> duration(String text) {
    return amount(text, config -> config.getDuration("amount"));
  }

  /// In bytes.
  static Optional<Long> size(String text) {
    return amount(text, config -> config.getBytes("amount"));
  }

  private static <T> Optional<T> amount(String text, Function<Config, T> getter) {
    String amount = text.strip();
    boolean hasUnit = !amount.isEmpty() && Character.isLetter(amount.charAt(amount.length() - 1));
    if (!hasUnit && !amount.equals("0")) {
      return Optional.empty();
    }
    try {
      return Optional.of(getter.apply(ConfigValueFactory.fromAnyRef(amount).atKey("amount")));
    } catch (ConfigException | ArithmeticException _) {
      return Optional.empty();
    }
  }

  static String show(Duration duration) {
    long millis = duration.toMillis();
    if (millis == 0) {
      return "0s";
    }
    if (millis % 86_400_000 == 0) {
      return millis / 86_400_000 + "d";
    }
    if (millis % 3_600_000 == 0) {
      return millis / 3_600_000 + "h";
    }
    if (millis % 60_000 == 0) {
      return millis / 60_000 + "m";
    }
    return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
  }

  static String showSize(long bytes) {
    int unit = 0;
    long amount = bytes;
    while (amount != 0 && amount % 1024 == 0 && unit < SIZES.length - 1) {
      amount /= 1024;
      unit++;
    }
    return amount + SIZES[unit];
  }
}
