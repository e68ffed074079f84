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

  private static String document(Applied applied) {
    JsonWriter json = new JsonWriter().object().member("result", "applied");
    json.name("changes").array();
    applied.changes().forEach(json::value);
    return json.end().end().toString();
  }

  private static String document(Rejected rejected) {
    JsonWriter json =
        new JsonWriter()
            .object()
            .member("type", "about:blank")
            .member("title", "The configuration was not applied")
            .member("status", 422)
            .member("detail", "Nothing was changed: it has problems.")
            .member("result", "rejected");
    json.name("problems").array();
    for (Problem problem : rejected.problems()) {
      json.object().member("file", problem.file()).member("line", problem.line());
      json.member("key", problem.key()).member("found", problem.found());
      json.member("expected", problem.expected()).member("text", problem.toString()).end();
    }
    return json.end().end().toString();
  }
}
