package io.whygate.gateway.exchange;

import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.reply.LocalReply;
import java.util.List;

/// Sends clients that came over clear text to the same place over TLS.
///
/// By 308, which keeps method and content (RFC 9110 section 15.4.9).
final class HttpsRedirect {
  private static final int IMPLIED_PORT = 443;

  private HttpsRedirect() {}

  /// @param port where the same site is served over TLS
  static LocalReply answer(RequestHead request, int port) {
    String authority = request.authority();
    if (authority.isEmpty()) {
      return LocalReply.text(
          400, "this site is served over TLS, and no Host says which one.", false);
    }
    String target = request.isAsterisk() ? "/" : request.target();
    String location =
        "https://"
            + hostOf(authority)
            + (port == IMPLIED_PORT ? "" : ":" + port)
            + (target.startsWith("?") ? "/" + target : target);
    return LocalReply.text(
        308,
        "this site is served over TLS.",
        false,
        List.of(new LocalReply.Field("Location", location)));
  }

  private static String hostOf(String authority) {
    int colon = authority.lastIndexOf(':');
    return colon > authority.lastIndexOf(']') ? authority.substring(0, colon) : authority;
  }
}
