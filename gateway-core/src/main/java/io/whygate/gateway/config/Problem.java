package io.whygate.gateway.config;

/// One thing that is wrong in a configuration, and where.
///
/// @param file the file as it was named; empty where the value is not from a file
/// @param line its line, from 1; 0 where there is none
/// @param key the full path of the setting; empty where the file as a whole is meant
/// @param found what stands there
/// @param expected what would be right
public record Problem(String file, int line, String key, String found, String expected) {

  /// The problem on one line, such as `gateway.conf:14: whygate.name: "" (expected: a token)`.
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    if (!file.isEmpty()) {
      text.append(file);
      if (line > 0) {
        text.append(':').append(line);
      }
      text.append(": ");
    }
    if (!key.isEmpty()) {
      text.append(key).append(": ");
    }
    return text.append(found).append(" (expected: ").append(expected).append(')').toString();
  }
}
