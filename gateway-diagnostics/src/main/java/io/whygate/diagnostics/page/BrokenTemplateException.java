package io.whygate.diagnostics.page;

/// A template of which no page can be made safely.
public final class BrokenTemplateException extends Exception {
  private static final long serialVersionUID = 1;

  private final String found;
  private final String expected;

  BrokenTemplateException(String found, String expected) {
    super(found + " (expected: " + expected + ")");
    this.found = found;
    this.expected = expected;
  }

  /// What stands there, with its line.
  public String found() {
    return found;
  }

  public String expected() {
    return expected;
  }
}
