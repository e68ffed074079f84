package io.whygate.diagnostics.probe.log.catalogue;

import io.whygate.diagnostics.probe.Finding.LogsRead.Reach;
import io.whygate.diagnostics.probe.Finding.LogsRead.Sign;

/// What one line says.
///
/// @param confidence how surely it says so, 0 to 1
/// @param program the program that it speaks of, as it writes it; empty where it names none
/// @param pid the number of the process that it speaks of; empty where it names none
/// @param host the host that was asked, where it speaks of a request; empty where it names none
/// @param path the path of the request that it speaks of, without a query; empty where it names
///   none
public record Reading(
    Sign sign,
    Reach reach,
    double confidence,
    String program,
    String pid,
    String host,
    String path) {

  /// The same, of another sign and less sure.
  public Reading as(Sign otherSign, double otherConfidence) {
    return new Reading(otherSign, reach, otherConfidence, program, pid, host, path);
  }
}
