package io.whygate.gateway.admin;

import io.whygate.diagnostics.json.JsonWriter;
import io.whygate.gateway.admin.Operations.Applied;
import io.whygate.gateway.admin.Operations.Rejected;
import io.whygate.gateway.config.Problem;

/// `/api/config`: the configuration in force, and its reload.
final class ConfigApi {
  private final Operations operations;

  ConfigApi(Operations operations) {
    this.operations = operations;
  }

  Answer show() {
    return Answer.json(200, operations.configuration());
  }

  Answer reload() {
    return switch (operations.reload()) {
      case Applied applied -> Answer.json(200, document(applied));
      case Rejected rejected -> Answer.of(422, "application/problem+json", document(rejected));
    };
  }

  /// The reloads of late, newest first.
  Answer reloads() {
    JsonWriter json = new JsonWriter().object();
    json.name("reloads").array();
    for (ReloadRecord each : operations.reloads()) {
      json.object().member("at", each.at()).member("because", each.because());
      switch (each.outcome()) {
        case Applied applied -> outcome(json, applied);
        case Rejected rejected -> outcome(json, rejected);
      }
      json.end();
    }
    return Answer.json(200, json.end().end().toString());
  }

  private static String document(Applied applied) {
    JsonWriter json = new JsonWriter().object();
    outcome(json, applied);
    return json.end().toString();
  }

  private static void outcome(JsonWriter json, Applied applied) {
    json.member("result", "applied").name("changes").array();
    applied.changes().forEach(json::value);
    json.end();
  }

  private static String document(Rejected rejected) {
    JsonWriter json =
        new JsonWriter()
            .object()
            .member("type", "about:blank")
            .member("title", "The configuration was not applied")
            .member("status", 422)
            .member("detail", "Nothing was changed: it has problems.");
    outcome(json, rejected);
    return json.end().toString();
  }

  private static void outcome(JsonWriter json, Rejected rejected) {
    json.member("result", "rejected").name("problems").array();
    for (Problem problem : rejected.problems()) {
      json.object().member("file", problem.file()).member("line", problem.line());
      json.member("key", problem.key()).member("found", problem.found());
      json.member("expected", problem.expected()).member("text", problem.toString()).end();
    }
    json.end();
  }
}
