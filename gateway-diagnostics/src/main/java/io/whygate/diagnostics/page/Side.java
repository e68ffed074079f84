package io.whygate.diagnostics.page;

import io.whygate.diagnostics.verdict.Cause;
import java.util.Locale;

/// Where between a visitor and a site a failure lies.
enum Side {
  /// At the gateway.
  GATEWAY,
  /// On the way from the gateway to the site's server.
  LINK,
  /// At the site's server.
  SERVER,
  /// Behind the gateway, and no more is known.
  UNKNOWN;

  private final String code = name().toLowerCase(Locale.ROOT);

  String code() {
    return code;
  }

  static Side of(Cause cause) {
    if (cause == Cause.SERVER_HOST_UNREACHABLE) {
      return LINK;
    }
    return switch (cause.category()) {
      case "server", "application" -> SERVER;
      case "dns", "firewall", "tls", "blip" -> LINK;
      case "gateway" -> GATEWAY;
      default -> UNKNOWN;
    };
  }
}
