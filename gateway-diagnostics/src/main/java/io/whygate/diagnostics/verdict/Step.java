package io.whygate.diagnostics.verdict;

import java.util.Locale;

/// One of the seven checks that a person would make by hand, in the order in which every report
/// shows them.
public enum Step {
  RELOAD,
  SERVER,
  DNS,
  LOGS,
  FIREWALL,
  CODE,
  HOST;

  /// The name as documents write it, such as `reload`.
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
