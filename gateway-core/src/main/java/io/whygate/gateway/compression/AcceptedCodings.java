package io.whygate.gateway.compression;

import io.whygate.gateway.config.CompressionSettings.Coding;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Which codings a client accepts (RFC 9110 section 12.5.3).
final class AcceptedCodings {
  private AcceptedCodings() {}

  /// The coding that the client likes best, among equals the one that is offered first; null where
  /// it wants the content as it is.
  ///
  /// @param field the value of Accept-Encoding; empty where there is none
  static @Nullable Coding best(String field, List<Coding> offered) {
    Coding best = null;
    int bestWeight = weight(field, "identity", false);
    for (Coding each : offered) {
      int weight = weight(field, name(each), true);
      boolean isBetter = best == null ? weight >= bestWeight : weight > bestWeight;
      if (weight > 0 && isBetter) {
        best = each;
        bestWeight = weight;
      }
    }
    return best;
  }

  static String name(Coding coding) {
    return coding.name().toLowerCase(Locale.ROOT);
  }

  /// The weight of a coding in thousandths; 0 where it is not accepted or, as that of what is not
  /// named, not said.
  ///
  /// @param byAny whether `*` speaks of it
  private static int weight(String field, String coding, boolean byAny) {
    int any = 0;
    for (String element : field.split(",", -1)) {
      String[] parts = element.split(";", -1);
      String name = parts[0].strip().toLowerCase(Locale.ROOT);
      if (name.equals(coding) || (name.equals("x-gzip") && coding.equals("gzip"))) {
        return quality(parts);
      }
      if (name.equals("*") && byAny) {
        any = quality(parts);
      }
    }
    return any;
  }

  /// One that cannot be read counts as 0: the content then comes as it is.
  private static int quality(String[] parts) {
    for (int i = 1; i < parts.length; i++) {
      String part = parts[i].strip();
      if (part.regionMatches(true, 0, "q=", 0, 2)) {
        String number = part.substring(2).strip();
        return number.matches("[01](\\.[0-9]{0,3})?")
            ? Math.min(1000, (int) Math.round(Double.parseDouble(number) * 1000))
            : 0;
      }
    }
    return 1000;
  }
}
