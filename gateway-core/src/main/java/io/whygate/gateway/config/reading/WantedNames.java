package io.whygate.gateway.config.reading;

import com.typesafe.config.ConfigValueType;
import io.whygate.gateway.config.AcmeSettings.Wanted;
import java.net.IDN;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads the names that certificates are wanted for, of all listeners of one configuration.
final class WantedNames {
  private static final String NAME = "a host's name, such as \"shop.example.com\"";
  private static final int NAMES = 100;
  private static final int LONGEST = 253;

  /// Each certificate by its first name: listeners may share one, and no two have that name.
  private final Map<String, Wanted> known = new HashMap<>();

  List<Wanted> read(Setting names) {
    return names.each("names, or lists of names that share a certificate", this::certificate);
  }

  private Optional<Wanted> certificate(Setting element) {
    List<Setting> each =
        element.value() != null && element.value().valueType() == ConfigValueType.LIST
            ? element.elements("names")
            : List.of(element);
    Set<String> names = new LinkedHashSet<>();
    for (Setting one : each) {
      name(one).ifPresent(names::add);
    }
    if (names.isEmpty()) {
      if (element.isEmptyList()) {
        element.reject(NAME);
      }
      return Optional.empty();
    }
    if (names.size() > NAMES) {
      element.reject(names.size() + " names", "at most " + NAMES + " in one certificate");
      return Optional.empty();
    }
    Wanted wanted = new Wanted(List.copyOf(names));
    Wanted other = known.putIfAbsent(wanted.name(), wanted);
    if (other != null && !other.equals(wanted)) {
      element.reject(
          element.found() + " begins with the name of another certificate, for " + other.names(),
          "the same names in the same order, or another name first");
      return Optional.empty();
    }
    return Optional.of(wanted);
  }

  private static Optional<String> name(Setting setting) {
    if (setting.text().startsWith("*.")) {
      setting.reject(
          setting.found() + " is a wildcard, which no challenge that comes to a gateway proves",
          "a name; for a wildcard have the files made by a program that speaks DNS-01, and name"
              + " them in certificates");
      return Optional.empty();
    }
    return setting.parse(NAME, WantedNames::ascii);
  }

  private static Optional<String> ascii(String text) {
    try {
      String name = IDN.toASCII(text.strip()).toLowerCase(Locale.ROOT);
      boolean good =
          name.length() <= LONGEST
              && name.matches("([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z0-9-]{2,63}")
              && !name.matches("[0-9.]+");
      return good ? Optional.of(name) : Optional.empty();
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
