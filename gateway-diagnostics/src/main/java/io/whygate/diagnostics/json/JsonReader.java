package io.whygate.diagnostics.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads one JSON text (RFC 8259) strictly: objects become maps, arrays lists, and the rest
/// strings, doubles and booleans.
///
/// A member whose value is null is as good as absent, and is left out; a null in an array is an
/// error, as are names that occur twice.
public final class JsonReader {
  private static final int DEEPEST = 16;

  private final String text;
  private final boolean tolerant;
  private int at;

  private JsonReader(String text, boolean tolerant) {
    this.text = text;
    this.tolerant = tolerant;
  }

  /// A text that is no JSON, with what and where.
  public static final class InvalidJsonException extends Exception {
    private static final long serialVersionUID = 1L;

    public InvalidJsonException(String message) {
      super(message);
    }
  }

  /// The object that the text is.
  public static Map<String, Object> object(String text) throws InvalidJsonException {
    return object(new JsonReader(text, false));
  }

  /// The object that the text of another program is: a null in an array becomes an empty text, and
  /// of names that occur twice the last one counts.
  public static Map<String, Object> tolerant(String text) throws InvalidJsonException {
    return object(new JsonReader(text, true));
  }

  private static Map<String, Object> object(JsonReader reader) throws InvalidJsonException {
    reader.space();
    if (reader.peek() != '{') {
      throw reader.wrong("an object");
    }
    Map<String, Object> object = reader.members(0);
    reader.space();
    if (reader.at < reader.text.length()) {
      throw reader.wrong("the end");
    }
    return object;
  }

  private InvalidJsonException wrong(String expected) {
    String found = at < text.length() ? "'" + text.charAt(at) + "'" : "the end";
    return new InvalidJsonException(
        found + " at character " + at + " (expected: " + expected + ")");
  }

  private char peek() {
    return at < text.length() ? text.charAt(at) : '\0';
  }

  private void space() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private void expect(char wanted) throws InvalidJsonException {
    if (peek() != wanted) {
      throw wrong("'" + wanted + "'");
    }
    at++;
  }

  private Map<String, Object> members(int depth) throws InvalidJsonException {
    Map<String, Object> members = new LinkedHashMap<>();
    expect('{');
    space();
    if (peek() == '}') {
      at++;
      return members;
    }
    while (true) {
      space();
      int start = at;
      String name = string();
      space();
      expect(':');
      space();
      boolean absent = text.startsWith("null", at);
      if (absent) {
        at += 4;
      } else if (members.put(name, value(depth + 1)) != null && !tolerant) {
        at = start;
        throw wrong("another name: this one is there twice");
      }
      space();
      if (peek() == '}') {
        at++;
        return members;
      }
      expect(',');
    }
  }

  private List<Object> elements(int depth) throws InvalidJsonException {
    List<Object> elements = new ArrayList<>();
    expect('[');
    space();
    if (peek() == ']') {
      at++;
      return elements;
    }
    while (true) {
      space();
      elements.add(value(depth + 1));
      space();
      if (peek() == ']') {
        at++;
        return elements;
      }
      expect(',');
    }
  }

  private Object value(int depth) throws InvalidJsonException {
    if (depth > DEEPEST) {
      throw wrong("at most " + DEEPEST + " levels");
    }
    return switch (peek()) {
      case '{' -> members(depth);
      case '[' -> elements(depth);
      case '"' -> string();
      case 't' -> literal("true", true);
      case 'f' -> literal("false", false);
      case 'n' -> {
        if (!tolerant) {
          throw wrong("a value");
        }
        literal("null", false);
        yield "";
      }
      default -> number();
    };
  }

  private Object literal(String word, boolean value) throws InvalidJsonException {
    if (!text.startsWith(word, at)) {
      throw wrong(word);
    }
    at += word.length();
    return value;
  }

  private Object number() throws InvalidJsonException {
    int start = at;
    if (peek() == '-') {
      at++;
    }
    if (peek() == '0') {
      at++;
    } else {
      digits();
    }
    if (peek() == '.') {
      at++;
      digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      at++;
      if (peek() == '+' || peek() == '-') {
        at++;
      }
      digits();
    }
    return Double.parseDouble(text.substring(start, at));
  }

  private void digits() throws InvalidJsonException {
    int start = at;
    while (peek() >= '0' && peek() <= '9') {
      at++;
    }
    if (at == start) {
      throw wrong("a value");
    }
  }

  private String string() throws InvalidJsonException {
    expect('"');
    StringBuilder out = new StringBuilder();
    while (true) {
      char c = peek();
      if (c < ' ') {
        throw wrong("a string");
      }
      at++;
      if (c == '"') {
        return out.toString();
      }
      out.append(c == '\\' ? escaped() : c);
    }
  }

  private char escaped() throws InvalidJsonException {
    char c = peek();
    at++;
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> unicode();
      default -> {
        at--;
        throw wrong("an escape sequence");
      }
    };
  }

  private char unicode() throws InvalidJsonException {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      int digit = Character.digit(peek(), 16);
      if (digit < 0 || peek() > 'f') {
        throw wrong("a hexadecimal digit");
      }
      value = value * 16 + digit;
      at++;
    }
    return (char) value;
  }
}
