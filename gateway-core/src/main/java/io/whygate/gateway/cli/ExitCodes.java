package io.whygate.gateway.cli;

/// What a command tells the shell.
final class ExitCodes {
  static final int OK = 0;

  /// A failure at run time; for `check` and `diagnose` what they found.
  static final int FAILED = 1;

  /// Wrong usage, or a configuration that cannot be used.
  static final int USAGE = 2;

  private ExitCodes() {}
}
