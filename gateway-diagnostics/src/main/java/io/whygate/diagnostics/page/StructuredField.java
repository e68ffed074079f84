package io.whygate.diagnostics.page;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Writes and edits structured fields (RFC 8941).
final class StructuredField {
  /// Parameters of a Proxy-Status member that tell nothing of what lies behind the gateway.
  private static final Set<String> HARMLESS =
      Set.of("error", "received-status", "rcode", "info-code", "alert-id", "alert-message");

  private StructuredField() {}

  /// The text as a String (section 3.3.3); characters that it cannot hold become `?`.
  static String string(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\');
      }
      out.append(c < 0x20 || c > 0x7e ? '?' : c);
    }
    return out.append('"').toString();
  }

  /// The text as a Token (section 3.3.4) where it is one, else as a String.
  static String tokenOrString(String text) {
    return isToken(text) ? text : string(text);
  }

  private static boolean isToken(String text) {
    if (text.isEmpty() || !(isAlpha(text.charAt(0)) || text.charAt(0) == '*')) {
      return false;
    }
    return text.chars()
        .allMatch(c -> isAlpha(c) || (c >= '0' && c <= '9') || ":/!#$%&'*+-.^_`|~".indexOf(c) >= 0);
  }

  private static boolean isAlpha(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  /// A Proxy-Status field from upstream as anybody may see it: without the parameters that tell of
  /// inner hosts, and members named after a host renamed to `upstream`. Empty where it breaks the
  /// grammar of quoting.
  static String withoutInnerHosts(String field) {
    List<String> members = new ArrayList<>();
    for (String member : split(field, ',')) {
      List<String> parts = split(member, ';');
      if (parts.isEmpty()) {
        continue;
      }
      String name = parts.getFirst();
      boolean plain = isToken(name) && name.indexOf('.') < 0 && name.indexOf(':') < 0;
      StringBuilder kept = new StringBuilder(plain ? name : "upstream");
      for (String parameter : parts.subList(1, parts.size())) {
        int equals = parameter.indexOf('=');
        String key = equals < 0 ? parameter : parameter.substring(0, equals);
        if (HARMLESS.contains(key.toLowerCase(Locale.ROOT)) && isShortAndPlain(parameter)) {
          kept.append(';').append(parameter);
        }
      }
      members.add(kept.toString());
    }
    return String.join(", ", members);
  }

  /// Whether a parameter can hold no more than a registered word or a number.
  private static boolean isShortAndPlain(String parameter) {
    return parameter.length() <= 64
        && parameter
            .chars()
            .allMatch(c ->
                isAlpha(c)
                    || (c >= '0' && c <= '9')
                    || c == '_'
                    || c == '-'
                    || c == '='
                    || c == '"');
  }

  private static List<String> split(String text, char separator) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted && c == '\\' && i + 1 < text.length()) {
        part.append(c).append(text.charAt(++i));
        continue;
      }
      if (c == '"') {
        quoted = !quoted;
      }
      if (c == separator && !quoted) {
        add(part, parts);
      } else {
        part.append(c);
      }
    }
    if (quoted) {
      return List.of();
    }
    add(part, parts);
    return parts;
  }

  private static void add(StringBuilder part, List<String> parts) {
    String text = part.toString().strip();
    if (!text.isEmpty()) {
      parts.add(text);
    }
    part.setLength(0);
  }
}
