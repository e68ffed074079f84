package io.whygate.faults.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// A request as a [Site] sees it.
///
/// @param head its head
/// @param body its body; what the site leaves unread is read and dropped after the answer
/// @param connection the bytes that follow, for a site that switches protocols
public record Request(RequestHead head, InputStream body, InputStream connection) {

  /// The fields of a form, the first value of each (`application/x-www-form-urlencoded`).
  public Map<String, String> form() throws IOException {
    return pairs(new String(body.readAllBytes(), StandardCharsets.UTF_8));
  }

  /// The parameters of the query, the first value of each.
  public Map<String, String> parameters() {
    return pairs(head.query());
  }

  private static Map<String, String> pairs(String text) {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (String pair : text.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        pairs.putIfAbsent(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
      }
    }
    return pairs;
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException badEscape) {
      return text;
    }
  }
}
