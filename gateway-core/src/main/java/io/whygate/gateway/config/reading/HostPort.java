package io.whygate.gateway.config.reading;

import java.util.Optional;

/// A host and a port as they are written together: `host:port`, `[ipv6]:port`, or either alone.
///
/// @param host without brackets
/// @param port 0 to 65535, or [#NO_PORT]
record HostPort(String host, int port) {
  static final int NO_PORT = -1;

  /// Nothing where it is malformed.
  static Optional<HostPort> parse(String text, int defaultPort) {
    if (text.startsWith("[")) {
      int end = text.indexOf(']');
      if (end < 0 || Addresses.literal(text.substring(1, end)).isEmpty()) {
        return Optional.empty();
      }
      return withPort(text.substring(1, end), text.substring(end + 1), defaultPort);
    }
    int colon = text.indexOf(':');
    if (colon >= 0 && text.indexOf(':', colon + 1) >= 0) {
      return Addresses.literal(text).map(_ -> new HostPort(text, defaultPort));
    }
    return colon < 0
        ? Optional.of(new HostPort(text, defaultPort))
        : withPort(text.substring(0, colon), text.substring(colon), defaultPort);
  }

  private static Optional<HostPort> withPort(String host, String rest, int defaultPort) {
    if (rest.isEmpty()) {
      return Optional.of(new HostPort(host, defaultPort));
    }
    if (!rest.matches(":\\d{1,5}") || Integer.parseInt(rest.substring(1)) > 65535) {
      return Optional.empty();
    }
    return Optional.of(new HostPort(host, Integer.parseInt(rest.substring(1))));
  }
}
