package io.whygate.diagnostics.page;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Reads fields that list alternatives with weights (RFC 9110 section 12.4.2).
final class WeightedList {
  /// What is read of a field at most, so that a hostile one costs little.
  private static final int MOST_ELEMENTS = 64;

  private WeightedList() {}

  /// One alternative.
  ///
  /// @param value what stands before the first semicolon
  /// @param weight 0 to 1000
  record Element(String value, int weight) {}

  /// The alternatives in the order of the field; those with a weight that breaks the grammar are
  /// left out.
  static List<Element> elements(String field) {
    List<Element> elements = new ArrayList<>();
    int start = 0;
    boolean quoted = false;
    for (int i = 0; i <= field.length() && elements.size() < MOST_ELEMENTS; i++) {
      char c = i < field.length() ? field.charAt(i) : ',';
      if (c == '"' && i < field.length()) {
        quoted = !quoted;
      }
      if (c == ',' && (!quoted || i == field.length())) {
        add(field.substring(start, i), elements);
        start = i + 1;
      }
    }
    return elements;
  }

  private static void add(String text, List<Element> elements) {
    int semicolon = text.indexOf(';');
    String value = (semicolon < 0 ? text : text.substring(0, semicolon)).strip();
    if (value.isEmpty()) {
      return;
    }
    int weight = semicolon < 0 ? 1000 : weight(text.substring(semicolon).toLowerCase(Locale.ROOT));
    if (weight >= 0) {
      elements.add(new Element(value, weight));
    }
  }

  private static int weight(String parameters) {
    int from = 0;
    while (from >= 0 && from < parameters.length()) {
      int next = parameters.indexOf(';', from + 1);
      String parameter = parameters.substring(from + 1, next < 0 ? parameters.length() : next);
      parameter = parameter.strip();
      if (parameter.startsWith("q=")) {
        return thousandths(parameter.substring(2));
      }
      from = next;
    }
    return 1000;
  }

  /// A qvalue in thousandths: `0`, `0.5`, `1.000`; -1 where it is none.
  private static int thousandths(String text) {
    if (text.isEmpty() || text.length() > 5 || (text.length() > 1 && text.charAt(1) != '.')) {
      return -1;
    }
    char whole = text.charAt(0);
    if (whole != '0' && whole != '1') {
      return -1;
    }
    int value = 0;
    for (int i = 2, unit = 100; i < text.length(); i++, unit /= 10) {
      char digit = text.charAt(i);
      if (digit < '0' || digit > '9') {
        return -1;
      }
      value += (digit - '0') * unit;
    }
    if (whole == '1') {
      return value == 0 ? 1000 : -1;
    }
    return value;
  }
}
