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
    return switch (cause) {
      case SERVER_HOST_UNREACHABLE -> LINK;
      case TLS_PLAINTEXT_UPSTREAM, TLS_REQUIRED, APPLICATION_PROTOCOL_MISMATCH -> GATEWAY;
      default ->
          switch (cause.category()) {
            case "server", "application", "tls" -> SERVER;
            case "dns", "firewall", "blip" -> LINK;
            case "gateway" -> GATEWAY;
            default -> UNKNOWN;
          };
    };
  }
}
