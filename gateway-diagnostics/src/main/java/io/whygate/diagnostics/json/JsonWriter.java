package io.whygate.diagnostics.json;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// Writes one JSON text (RFC 8259), members in the order of the calls.
///
/// Not for use by several threads. A call that would break the grammar throws
/// [IllegalStateException].
public final class JsonWriter {
  private static final String HEX = "0123456789abcdef";
  private static final int DEEPEST = 32;

  private final StringBuilder out = new StringBuilder(2048);
  private final char[] open = new char[DEEPEST];
  private int depth;
  private boolean first = true;
  private boolean named;

  /// Begins an object, as the text itself, an element, or the value of the member just named.
  public JsonWriter object() {
    return begin('{');
  }

  /// Begins an array.
  public JsonWriter array() {
    return begin('[');
  }

  /// Ends the object or array that was begun last.
  public JsonWriter end() {
    check(depth > 0 && !named, "end");
    depth--;
    out.append(open[depth] == '{' ? '}' : ']');
    first = false;
    return this;
  }

  /// Names the member whose value comes next.
  public JsonWriter name(String name) {
    check(depth > 0 && open[depth - 1] == '{' && !named, "name");
    separate();
    quote(name);
    out.append(':');
    named = true;
    return this;
  }

  public JsonWriter value(String value) {
    beforeValue();
    quote(value);
    return this;
  }

  public JsonWriter value(long value) {
    beforeValue();
    out.append(value);
    return this;
  }

  /// A number, rounded to two decimals.
  public JsonWriter value(double value) {
    check(Double.isFinite(value), "a number that is not finite");
    beforeValue();
    double rounded = Math.round(value * 100) / 100.0;
    if (rounded == Math.rint(rounded)) {
      out.append((long) rounded);
    } else {
      out.append(rounded);
    }
    return this;
  }

  public JsonWriter value(boolean value) {
    beforeValue();
    out.append(value);
    return this;
  }

  /// A moment, as RFC 3339 writes it, in whole milliseconds.
  public JsonWriter value(Instant value) {
    return value(value.truncatedTo(ChronoUnit.MILLIS).toString());
  }

  public JsonWriter member(String name, String value) {
    return name(name).value(value);
  }

  public JsonWriter member(String name, long value) {
    return name(name).value(value);
  }

  public JsonWriter member(String name, double value) {
    return name(name).value(value);
  }

  public JsonWriter member(String name, boolean value) {
    return name(name).value(value);
  }

  public JsonWriter member(String name, Instant value) {
    return name(name).value(value);
  }

  /// The whole text.
  @Override
  public String toString() {
    check(depth == 0 && !out.isEmpty(), "toString");
    return out.toString();
  }

  private JsonWriter begin(char bracket) {
    beforeValue();
    check(depth < DEEPEST, "nesting");
    open[depth++] = bracket;
    out.append(bracket);
    first = true;
    return this;
  }

  private void beforeValue() {
    if (depth == 0) {
      check(out.isEmpty(), "a second value");
      return;
    }
    if (open[depth - 1] == '{') {
      check(named, "a value without a name");
      named = false;
      return;
    }
    separate();
  }

  private void separate() {
    if (!first) {
      out.append(',');
    }
    first = false;
  }

  private void quote(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < 0x20 || c == 0x7f || c == '\u2028' || c == '\u2029') {
            escape(c);
          } else if (!Character.isSurrogate(c)) {
            out.append(c);
          } else if (Character.isHighSurrogate(c)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1))) {
            out.append(c).append(text.charAt(++i));
          } else {
            out.append('\ufffd');
          }
        }
      }
    }
    out.append('"');
  }

  private void escape(char c) {
    out.append("\\u");
    for (int shift = 12; shift >= 0; shift -= 4) {
      out.append(HEX.charAt((c >> shift) & 15));
    }
  }

  private static void check(boolean allowed, String what) {
    if (!allowed) {
      throw new IllegalStateException("JSON: " + what + " (expected: what the grammar allows)");
    }
  }
}
