package io.whygate.gateway.admin;

import io.whygate.diagnostics.incident.Incident;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// `/api/incidents`: what went wrong, and why.
final class IncidentApi {
  private static final int USUAL = 100;
  private static final int MOST = 1000;

  private final Operations operations;

  IncidentApi(Operations operations) {
    this.operations = operations;
  }

  Answer list(Request request) {
    String upstream = request.query().getOrDefault("upstream", "");
    String cause = request.query().getOrDefault("cause", "");
    String state = request.query().getOrDefault("state", "");
    if (!state.isEmpty() && !isState(state)) {
      return Answer.problem(
          400, "Bad request", "state: " + state + " (expected: open, recovered or healed)");
    }
    int limit = limit(request.query().getOrDefault("limit", ""));
    if (limit < 0) {
      return Answer.problem(
          400,
          "Bad request",
          "limit: " + request.query().get("limit") + " (expected: 1 to " + MOST + ")");
    }
    List<Incident> found =
        operations.incidents().stream()
            .filter(each -> upstream.isEmpty() || each.upstream().equals(upstream))
            .filter(each -> cause.isEmpty() || each.cause().code().equals(cause))
            .filter(each -> state.isEmpty() || each.state().code().equals(state))
            .limit(limit)
            .toList();
    String documents =
        found.stream().map(operations::document).collect(Collectors.joining(",\n", "[", "]"));
    return Answer.json(200, "{\"incidents\":" + documents + "}");
  }

  Answer one(String id) {
    return operations.incidents().stream()
        .filter(each -> each.id().equals(id))
        .findFirst()
        .<Answer>map(incident -> Answer.json(200, operations.document(incident)))
        .orElseGet(() -> Answer.notFound("No incident has this id, or it is no longer kept."));
  }

  private static boolean isState(String code) {
    return Arrays.stream(Incident.State.values()).anyMatch(state -> state.code().equals(code));
  }

  private static int limit(String text) {
    if (text.isEmpty()) {
      return USUAL;
    }
    try {
      int limit = Integer.parseInt(text);
      return limit >= 1 && limit <= MOST ? limit : -1;
    } catch (NumberFormatException _) {
      return -1;
    }
  }
}
