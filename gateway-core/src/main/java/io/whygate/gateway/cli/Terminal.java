package io.whygate.gateway.cli;

import java.io.PrintStream;

/// Where commands write: results to `out`, what went wrong to `err`.
record Terminal(PrintStream out, PrintStream err) {

  /// A line that says what went wrong, as `whygate: ...`.
  void complain(String message) {
    err.println("whygate: " + message);
  }
}
