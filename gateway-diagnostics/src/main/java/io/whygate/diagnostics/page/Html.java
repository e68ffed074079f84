package io.whygate.diagnostics.page;

import java.nio.charset.StandardCharsets;

/// Puts an HTML document together; what is not markup is escaped.
final class Html {
  private static final String HEX = "0123456789ABCDEF";

  private final StringBuilder out;

  Html(int capacity) {
    out = new StringBuilder(capacity);
  }

  /// Markup of the program's own.
  Html raw(String markup) {
    out.append(markup);
    return this;
  }

  /// Anything else, as text or within a quoted attribute.
  Html text(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        default -> out.append(c);
      }
    }
    return this;
  }

  /// A text percent-encoded as a part of a URI (RFC 3986 section 2), unreserved characters and
  /// those of `kept` as they are.
  static String percent(String text, String kept) {
    StringBuilder encoded = new StringBuilder(text.length() * 2);
    for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (octet & 0xff);
      boolean unreserved =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || "-._~".indexOf(c) >= 0;
      if (unreserved || kept.indexOf(c) >= 0) {
        encoded.append(c);
      } else {
        encoded.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
      }
    }
    return encoded.toString();
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
