package io.whygate.diagnostics.page;

import java.util.Locale;
import java.util.Set;

/// Where in an HTML text the next character stands, as a browser would take it. Reads on and on.
final class TemplatePlace {
  private static final Set<String> ADDRESSES =
      Set.of("href", "src", "action", "formaction", "poster", "cite", "data", "xlink:href");
  private static final Set<String> CODE = Set.of("style", "srcdoc", "srcset", "content");
  private static final Set<String> RAW = Set.of("script", "style", "textarea", "noscript");

  private enum Kind {
    TEXT,
    TAG,
    DOUBLE_QUOTED,
    SINGLE_QUOTED,
    COMMENT,
    RAW
  }

  private Kind kind = Kind.TEXT;
  private String element = "";
  private String attribute = "";
  private final StringBuilder word = new StringBuilder();

  boolean isText() {
    return kind == Kind.TEXT;
  }

  /// Whether attributes of an element of this name may follow.
  boolean isTag(String name) {
    return kind == Kind.TAG && element.equals(name) && word.isEmpty();
  }

  /// Whether it is within a quoted attribute that no browser runs as code.
  boolean isSafeAttribute() {
    return (kind == Kind.DOUBLE_QUOTED || kind == Kind.SINGLE_QUOTED)
        && !attribute.startsWith("on")
        && !CODE.contains(attribute);
  }

  /// Whether it is within an attribute that a browser follows.
  boolean isAddress() {
    return isSafeAttribute() && ADDRESSES.contains(attribute);
  }

  void read(String html) {
    String lower = html.toLowerCase(Locale.ROOT);
    int at = 0;
    while (at < lower.length()) {
      at = step(lower, at) + 1;
    }
  }

  /// Takes one character, or several that belong together; the index of the last of them.
  private int step(String html, int at) {
    char c = html.charAt(at);
    switch (kind) {
      case TEXT -> {
        return c == '<' ? opened(html, at) : at;
      }
      case TAG -> inTag(c);
      case DOUBLE_QUOTED -> {
        if (c == '"') {
          kind = Kind.TAG;
        }
      }
      case SINGLE_QUOTED -> {
        if (c == '\'') {
          kind = Kind.TAG;
        }
      }
      case COMMENT -> {
        if (html.startsWith("-->", at)) {
          kind = Kind.TEXT;
          return at + 2;
        }
      }
      case RAW -> {
        if (html.startsWith("</" + element, at)) {
          element = "/" + element;
          kind = Kind.TAG;
          return at + element.length();
        }
      }
    }
    return at;
  }

  private int opened(String html, int at) {
    if (html.startsWith("<!--", at)) {
      kind = Kind.COMMENT;
      return at + 3;
    }
    int end = at + 1;
    while (end < html.length()
        && "/!abcdefghijklmnopqrstuvwxyz0123456789".indexOf(html.charAt(end)) >= 0) {
      end++;
    }
    if (end == at + 1) {
      return at;
    }
    element = html.substring(at + 1, end);
    word.setLength(0);
    attribute = "";
    kind = Kind.TAG;
    return end - 1;
  }

  private void inTag(char c) {
    if (c == '>') {
      kind = RAW.contains(element) ? Kind.RAW : Kind.TEXT;
      word.setLength(0);
    } else if (c == '"' || c == '\'') {
      kind = c == '"' ? Kind.DOUBLE_QUOTED : Kind.SINGLE_QUOTED;
      word.setLength(0);
    } else if (c == '=') {
      attribute = word.toString();
    } else if (Character.isWhitespace(c)) {
      if (attribute.isEmpty() || !word.toString().equals(attribute)) {
        word.setLength(0);
      }
    } else {
      word.append(c);
    }
  }
}
