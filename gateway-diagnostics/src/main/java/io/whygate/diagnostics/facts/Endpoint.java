package io.whygate.diagnostics.facts;

import java.util.Locale;

/// A configured place that serves an upstream: a scheme with a host and a port, or the path of a
/// Unix socket.
///
/// @param scheme how it is spoken to
/// @param host a lower-case host name or an IP address literal (IPv6 without brackets); the file's
///   path for a Unix socket
/// @param port 1 to 65535; 0 for a Unix socket
public record Endpoint(Scheme scheme, String host, int port) {

  /// How an endpoint is spoken to.
  public enum Scheme {
    HTTP,
    HTTPS,
    /// Bytes of whatever protocol are passed on.
    TCP,
    UNIX
  }

  public Endpoint {
    if (scheme == Scheme.UNIX ? port != 0 : port < 1 || port > 65535) {
      throw new IllegalArgumentException("port: " + port + " (expected: 1 to 65535)");
    }
  }

  public boolean isTls() {
    return scheme == Scheme.HTTPS;
  }

  /// Whether bytes are passed on to it, and nobody here speaks its protocol.
  public boolean isTcp() {
    return scheme == Scheme.TCP;
  }

  public boolean isUnix() {
    return scheme == Scheme.UNIX;
  }

  /// Whether a host is an address literal rather than a name.
  public static boolean isAddressLiteral(String host) {
    return host.indexOf(':') >= 0
        || (!host.isEmpty() && host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9')));
  }

  /// The URL that stands for this endpoint in the configuration and in the admin interface, such as
  /// `https://shop.internal:3000` or `unix:/run/app.sock`. The port is always written.
  public String url() {
    return switch (scheme) {
      case UNIX -> "unix:" + host;
      case HTTP, HTTPS, TCP -> scheme.name().toLowerCase(Locale.ROOT) + "://" + authority();
    };
  }

  /// The host and the port as they stand in a URL; an IPv6 literal in brackets.
  public String authority() {
    if (isUnix()) {
      return "localhost";
    }
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }

  @Override
  public String toString() {
    return url();
  }
}
