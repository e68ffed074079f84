package io.whygate.gateway.admin;

import io.whygate.diagnostics.json.JsonWriter;
import io.whygate.gateway.notification.ChannelStatus;

/// `/api/notifications`: how the channels do by which people are told of incidents.
final class NotificationApi {
  private final Operations operations;

  NotificationApi(Operations operations) {
    this.operations = operations;
  }

  Answer list() {
    JsonWriter json = new JsonWriter().object();
    json.name("channels").array();
    for (ChannelStatus each : operations.channels()) {
      json.object()
          .member("name", each.name())
          .member("type", each.type())
          .member("waiting", each.waiting())
          .member("sent", each.counts().sent())
          .member("failed", each.counts().failed())
          .member("dropped", each.counts().dropped())
          .member("failing", each.isFailing());
      each.lastSent().ifPresent(at -> json.member("last_sent", at));
      each.lastFailure()
          .ifPresent(failure ->
              json.name("last_failure")
                  .object()
                  .member("at", failure.at())
                  .member("why", failure.why())
                  .end());
      json.end();
    }
    return Answer.json(200, json.end().end().toString());
  }
}
