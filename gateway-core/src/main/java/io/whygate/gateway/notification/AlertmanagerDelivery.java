package io.whygate.gateway.notification;

import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.json.JsonWriter;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/// Posts alerts to a Prometheus Alertmanager (`/api/v2/alerts`): one for each incident and cause,
/// firing for as long as it is open.
///
/// An alert ends by itself where it is not repeated, so that nothing fires for ever once a gateway
/// is gone.
final class AlertmanagerDelivery implements Delivery {
  private static final String NAME = "WhygateIncident";
  private static final int FORGOTTEN_AFTER = 5;

  private final JsonPost post;
  private final Map<String, String> labels;
  private final Duration repeat;

  AlertmanagerDelivery(JsonPost post, Map<String, String> labels, Duration repeat) {
    this.post = post;
    this.labels = labels;
    this.repeat = repeat;
  }

  @Override
  public void send(Bulletin bulletin) throws IOException, InterruptedException, RefusedException {
    JsonWriter json = new JsonWriter().array();
    for (News each : bulletin.news()) {
      each.before().ifPresent(before -> alert(json, each, bulletin, before.code(), bulletin.at()));
      Instant end =
          each.incident().ended().orElse(bulletin.at().plus(repeat.multipliedBy(FORGOTTEN_AFTER)));
      alert(json, each, bulletin, each.incident().cause().code(), end);
    }
    post.send(json.end().toString(), Map.of());
  }

  private void alert(JsonWriter json, News news, Bulletin bulletin, String cause, Instant end) {
    Incident incident = news.incident();
    Words words = Words.of(news, bulletin);
    json.object().name("labels").object();
    labels.forEach(json::member);
    json.member("alertname", NAME)
        .member("gateway", bulletin.gateway())
        .member("upstream", incident.upstream())
        .member("cause", cause)
        .member("incident", incident.id())
        .end();
    json.name("annotations")
        .object()
        .member("summary", incident.upstream() + ": " + words.text("title"))
        .member("description", words.because() + "\n" + words.extent())
        .end();
    json.member("startsAt", incident.since()).member("endsAt", end);
    String link = bulletin.link(incident);
    if (!link.isEmpty()) {
      json.member("generatorURL", link);
    }
    json.end();
  }
}
