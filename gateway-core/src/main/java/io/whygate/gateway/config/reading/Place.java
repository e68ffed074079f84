package io.whygate.gateway.config.reading;

import com.typesafe.config.ConfigOrigin;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where a value stands.
///
/// @param file as it was named; a description such as `command line` where it is not from a file
/// @param line from 1; 0 where there is none
/// @param isFile whether it is from a file
record Place(String file, int line, boolean isFile) {
  /// What HOCON says of a value that is made of a file's and an environment variable's.
  private static final Pattern MERGED = Pattern.compile("merge of ([^,]+): (\\d+)(,.*)?");

  /// What the defaults are read from, and their origin.
  static final String DEFAULTS = "reference.conf";

  /// Whether a value is a default that comes with the program.
  static boolean isDefault(ConfigOrigin origin) {
    return origin.filename() == null && origin.description().startsWith(DEFAULTS);
  }

  static Place of(ConfigOrigin origin) {
    if (origin.filename() != null) {
      return new Place(origin.filename(), Math.max(origin.lineNumber(), 0), true);
    }
    Matcher merged = MERGED.matcher(origin.description());
    return merged.matches()
        ? new Place(merged.group(1), Integer.parseInt(merged.group(2)), true)
        : new Place(origin.description(), 0, false);
  }

  @Override
  public String toString() {
    return line > 0 ? file + ":" + line : file;
  }
}
