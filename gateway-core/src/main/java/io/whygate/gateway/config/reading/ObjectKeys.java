package io.whygate.gateway.config.reading;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigUtil;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// Where the objects of a HOCON text begin, each with its full path.
///
/// HOCON merges an object that stands twice and does not tell. This looks at the text itself: at
/// braces, keys, quotes and comments, in a text that HOCON has already found right.
final class ObjectKeys {
  private static final List<String> ELEMENT = List.of("[]");

  private final String text;
  private final List<Begin> begins = new ArrayList<>();
  private final Deque<List<String>> within = new ArrayDeque<>();
  private final StringBuilder pending = new StringBuilder();
  private int at;
  private int line = 1;

  /// An object's beginning.
  ///
  /// @param path from the root of the text
  record Begin(List<String> path, int line) {}

  private ObjectKeys(String text) {
    this.text = text;
  }

  static List<Begin> of(String text) {
    ObjectKeys keys = new ObjectKeys(text);
    keys.scan();
    return keys.begins;
  }

  private void scan() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '"') {
        quoted();
      } else if (c == '#' || text.startsWith("//", at)) {
        skipTo(text.indexOf('\n', at));
      } else if (text.startsWith("${", at)) {
        skipTo(text.indexOf('}', at) + 1);
      } else {
        plain(c);
        at++;
      }
    }
  }

  private void plain(char c) {
    switch (c) {
      case '{' -> begin();
      case '[' -> {
        within.push(ELEMENT);
        pending.setLength(0);
      }
      case '}', ']' -> {
        within.poll();
        pending.setLength(0);
      }
      case ',' -> pending.setLength(0);
      case '\n' -> {
        line++;
        // A brace may stand on the line after its key.
        if (!opensLater()) {
          pending.setLength(0);
        }
      }
      default -> pending.append(c);
    }
  }

  private boolean opensLater() {
    int next = at + 1;
    while (next < text.length() && Character.isWhitespace(text.charAt(next))) {
      next++;
    }
    return next < text.length() && text.charAt(next) == '{';
  }

  private void begin() {
    List<String> path = new ArrayList<>(within.isEmpty() ? List.of() : within.peek());
    String key = pending.toString().strip();
    pending.setLength(0);
    if (!key.isEmpty()) {
      path.addAll(split(key));
      begins.add(new Begin(path, line));
    }
    within.push(path);
  }

  private static List<String> split(String pending) {
    String key = pending.split("\\s*([:=]|\\+=)", 2)[0];
    try {
      return ConfigUtil.splitPath(key);
    } catch (ConfigException _) {
      return List.of(key);
    }
  }

  private void quoted() {
    boolean triple = text.startsWith("\"\"\"", at);
    int end = at + (triple ? 3 : 1);
    while (end < text.length()
        && (triple ? !text.startsWith("\"\"\"", end) : text.charAt(end) != '"')) {
      end += !triple && text.charAt(end) == '\\' ? 2 : 1;
    }
    int next = Math.min(end + (triple ? 3 : 1), text.length());
    pending.append(text, at, next);
    skipTo(next);
  }

  private void skipTo(int next) {
    int end = next <= at ? text.length() : next;
    line += (int) text.substring(at, end).chars().filter(c -> c == '\n').count();
    at = end;
  }
}
