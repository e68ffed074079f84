package io.whygate.diagnostics.page.recording;

import io.whygate.diagnostics.facts.Endpoint;

/// Where a recorded request went, as a URL that other programs understand.
final class Target {
  private Target() {}

  /// The URL of a request at an endpoint; a Unix socket is told beside it.
  static String url(Endpoint endpoint, String target) {
    return endpoint.isUnix()
        ? "http://localhost" + path(target)
        : url(endpoint, endpoint.host(), target);
  }

  /// The URL of a request at an endpoint that goes by another name.
  static String url(Endpoint endpoint, String name, String target) {
    String host = name.indexOf(':') >= 0 ? "[" + name + "]" : name;
    return (endpoint.isTls() ? "https://" : "http://")
        + host
        + ":"
        + endpoint.port()
        + path(target);
  }

  private static String path(String target) {
    return target.startsWith("/") ? encoded(target) : "/";
  }

  /// With every byte that a URL cannot hold percent-encoded (RFC 3986 section 2.1).
  static String encoded(String target) {
    StringBuilder out = new StringBuilder(target.length());
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c > 0x20 && c < 0x7f && "\"<>\\^`{|}#".indexOf(c) < 0) {
        out.append(c);
      } else {
        out.append("%%%02X".formatted(c & 0xff));
      }
    }
    return out.toString();
  }
}
