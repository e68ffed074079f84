package io.whygate.faults.demo;

import java.util.Map;

/// An incident of the gateway's, as a line of the panel.
///
/// @param id its identifier
/// @param title what a visitor was told
/// @param cause the cause's code
/// @param state `open`, `recovered` or `healed`
/// @param since when it began, RFC 3339
record IncidentLine(String id, String title, String cause, String state, String since) {

  static IncidentLine of(Map<?, ?> members) {
    return new IncidentLine(
        text(members, "incident"),
        text(members, "title"),
        text(members, "cause"),
        text(members, "state"),
        text(members, "since"));
  }

  private static String text(Map<?, ?> members, String name) {
    return members.get(name) instanceof String value ? value : "";
  }
}
