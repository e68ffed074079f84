package io.whygate.diagnostics.page;

import java.util.stream.Collectors;

/// The style and the script of the page without what only their readers in the source need, since
/// each page carries them along.
final class Minified {
  private static final String COMMENT = "(?s)/\\*.*?\\*/";

  private Minified() {}

  static String css(String source) {
    return source
        .replaceAll(COMMENT, "")
        .replaceAll("\\s+", " ")
        .replaceAll(" ?([{};,>]) ?", "$1")
        .replace(": ", ":")
        .replace(";}", "}")
        .strip();
  }

  /// Line breaks stay, as a statement may end with one.
  static String js(String source) {
    return source
        .replaceAll(COMMENT, "")
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .collect(Collectors.joining("\n"));
  }
}
