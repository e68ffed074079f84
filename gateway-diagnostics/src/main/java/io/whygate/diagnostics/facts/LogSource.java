package io.whygate.diagnostics.facts;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/// Where the log of a server is read.
public sealed interface LogSource {

  /// The name of the kernel's own messages in place of a unit.
  String KERNEL = "kernel";

  /// A file that this machine can read.
  record LogFile(Path path) implements LogSource {
    @Override
    public String label() {
      return path.toString();
    }

    @Override
    public String toString() {
      return label();
    }
  }

  /// The journal of this machine: the messages of one unit, or the kernel's ([#KERNEL]).
  record Journal(String unit) implements LogSource {
    @Override
    public String label() {
      return JOURNALD + unit;
    }

    @Override
    public String toString() {
      return label();
    }
  }

  /// What a server on another host sends by syslog.
  ///
  /// @param host the address it sends from, or the host name that its messages carry
  /// @param program the program whose messages count; empty for all
  record Syslog(String host, String program) implements LogSource {
    @Override
    public String label() {
      return SYSLOG + host + (program.isEmpty() ? "" : "/" + program);
    }

    @Override
    public String toString() {
      return label();
    }
  }

  String JOURNALD = "journald:";
  String SYSLOG = "syslog:";
  Pattern UNIT = Pattern.compile("[A-Za-z0-9:_.@\\\\-]{1,255}");
  Pattern HOST = Pattern.compile("[A-Za-z0-9._:-]{1,253}");

  /// As the configuration writes it, and as operators read it.
  String label();

  /// Whether an entry of the configuration is no path.
  static boolean isNamed(String entry) {
    return entry.startsWith(JOURNALD) || entry.startsWith(SYSLOG);
  }

  /// The source that `journald:UNIT`, `syslog:HOST` or `syslog:HOST/PROGRAM` names; empty where it
  /// is malformed.
  static Optional<LogSource> named(String entry) {
    if (entry.startsWith(JOURNALD)) {
      String unit = entry.substring(JOURNALD.length()).strip();
      // A word that begins with a dash would be read as an option.
      return UNIT.matcher(unit).matches() && !unit.startsWith("-")
          ? Optional.of(new Journal(unit))
          : Optional.empty();
    }
    String rest = entry.startsWith(SYSLOG) ? entry.substring(SYSLOG.length()).strip() : "";
    int slash = rest.indexOf('/');
    String host = slash < 0 ? rest : rest.substring(0, slash);
    String program = slash < 0 ? "" : rest.substring(slash + 1);
    boolean wellFormed =
        HOST.matcher(host).matches() && (slash < 0 || HOST.matcher(program).matches());
    return wellFormed ? Optional.of(new Syslog(host, program)) : Optional.empty();
  }
}
