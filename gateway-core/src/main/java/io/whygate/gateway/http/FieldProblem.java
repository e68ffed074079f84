package io.whygate.gateway.http;

/// What is wrong with a field line (RFC 9112 section 5).
public enum FieldProblem {
  EMPTY_NAME("a field line without a name"),
  BAD_NAME("a character in a field name that may not stand there"),
  SPACE_IN_NAME("white space before the colon of a field"),
  NO_COLON("a field line without a colon"),
  BAD_VALUE("a control character in a field value"),
  FOLDED("a folded field line");

  private final String text;

  FieldProblem(String text) {
    this.text = text;
  }

  /// The problem in words, for people.
  public String text() {
    return text;
  }
}
