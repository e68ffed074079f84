package io.whygate.gateway.admin;

import io.whygate.diagnostics.incident.Incident;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
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

  /// An incident: `ID` for its document, `ID.har` and `ID.curl` for its recording.
  Answer one(String name) {
    int dot = name.indexOf('.');
    String id = dot < 0 ? name : name.substring(0, dot);
    Optional<Incident> found =
        operations.incidents().stream().filter(each -> each.id().equals(id)).findFirst();
    if (found.isEmpty()) {
      return Answer.notFound("No incident has this id, or it is no longer kept.");
    }
    Incident incident = found.get();
    return switch (dot < 0 ? "" : name.substring(dot)) {
      case "" -> Answer.json(200, operations.document(incident));
      case ".har" -> file(operations.archive(incident), "application/json", name);
      case ".curl" -> file(operations.command(incident), "text/plain; charset=utf-8", name);
      default -> Answer.notFound("An incident has no such form (expected: .har or .curl).");
    };
  }

  private static Answer file(Optional<String> text, String type, String name) {
    return text.<Answer>map(found -> Answer.file(type, found, "whygate-" + name))
        .orElseGet(() -> Answer.notFound("No exchange of this incident is kept."));
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
