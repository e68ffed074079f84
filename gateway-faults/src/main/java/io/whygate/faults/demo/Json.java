package io.whygate.faults.demo;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A reader of JSON (RFC 8259): objects become maps, arrays lists, numbers [Double], and null the
/// empty string.
final class Json {
  private static final int DEEPEST = 64;

  private final String text;
  private int at;
  private int depth;

  private Json(String text) {
    this.text = text;
  }

  /// The value of a document.
  ///
  /// @throws IllegalArgumentException where it is no JSON
  static Object read(String text) {
    Json json = new Json(text);
    Object value = json.value();
    json.skipSpace();
    if (json.at != text.length()) {
      throw json.unexpected("the end");
    }
    return value;
  }

  private Object value() {
    skipSpace();
    return switch (peek()) {
      case '{' -> object();
      case '[' -> array();
      case '"' -> string();
      case 't' -> word("true", true);
      case 'f' -> word("false", false);
      case 'n' -> word("null", "");
      default -> number();
    };
  }

  private Map<String, Object> object() {
    Map<String, Object> members = new LinkedHashMap<>();
    enter('{');
    if (!leaves('}')) {
      do {
        skipSpace();
        String name = string();
        skipSpace();
        expect(':');
        members.put(name, value());
      } while (continues('}'));
    }
    return members;
  }

  private List<Object> array() {
    List<Object> items = new ArrayList<>();
    enter('[');
    if (!leaves(']')) {
      do {
        items.add(value());
      } while (continues(']'));
    }
    return items;
  }

  private void enter(char open) {
    expect(open);
    if (++depth > DEEPEST) {
      throw unexpected("at most " + DEEPEST + " levels");
    }
    skipSpace();
  }

  private boolean leaves(char close) {
    if (peek() != close) {
      return false;
    }
    at++;
    depth--;
    return true;
  }

  private boolean continues(char close) {
    skipSpace();
    if (leaves(close)) {
      return false;
    }
    expect(',');
    return true;
  }

  private String string() {
    expect('"');
    var out = new StringBuilder();
    while (peek() != '"') {
      char next = text.charAt(at++);
      out.append(next == '\\' ? escape() : next);
    }
    at++;
    return out.toString();
  }

  private char escape() {
    char kind = peek();
    at++;
    return switch (kind) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'u' -> unicode();
      case '"', '\\', '/' -> kind;
      default -> throw unexpected("an escape");
    };
  }

  private char unicode() {
    if (at + 4 > text.length()) {
      throw unexpected("four digits");
    }
    try {
      char code = (char) Integer.parseInt(text, at, at + 4, 16);
      at += 4;
      return code;
    } catch (NumberFormatException e) {
      throw unexpected("four digits");
    }
  }

  private Object number() {
    int start = at;
    while (at < text.length() && "+-.0123456789eE".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    try {
      return Double.valueOf(text.substring(start, at));
    } catch (NumberFormatException e) {
      throw unexpected("a value");
    }
  }

  private Object word(String word, Object value) {
    if (!text.startsWith(word, at)) {
      throw unexpected(word);
    }
    at += word.length();
    return value;
  }

  private void skipSpace() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private char peek() {
    if (at >= text.length()) {
      throw unexpected("more");
    }
    return text.charAt(at);
  }

  private void expect(char wanted) {
    if (peek() != wanted) {
      throw unexpected("'" + wanted + "'");
    }
    at++;
  }

  private IllegalArgumentException unexpected(String wanted) {
    return new IllegalArgumentException("JSON at " + at + " (expected: " + wanted + ")");
  }
}
