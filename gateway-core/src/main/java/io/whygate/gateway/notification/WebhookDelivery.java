package io.whygate.gateway.notification;

import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.json.JsonWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Sends news as JSON, signed: `Whygate-Signature: v1=` and the HMAC-SHA256, in hexadecimal, of the
/// value of `Whygate-Timestamp`, a dot, and the body.
///
/// `Whygate-Delivery` is the same over all tries of a message, so that a receiver can tell a
/// repetition.
final class WebhookDelivery implements Delivery {
  private final JsonPost post;
  private final String secret;

  WebhookDelivery(JsonPost post, String secret) {
    this.post = post;
    this.secret = secret;
  }

  @Override
  public void send(Bulletin bulletin) throws IOException, InterruptedException, RefusedException {
    String body = document(bulletin);
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put(
        "Whygate-Delivery",
        UUID.nameUUIDFromBytes(body.getBytes(StandardCharsets.UTF_8)).toString());
    if (!secret.isEmpty()) {
      String timestamp = Long.toString(Instant.now().getEpochSecond());
      fields.put("Whygate-Timestamp", timestamp);
      fields.put("Whygate-Signature", "v1=" + signature(secret, timestamp + "." + body));
    }
    post.send(body, fields);
  }

  static String signature(String secret, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK has HmacSHA256", e);
    }
  }

  private static String document(Bulletin bulletin) {
    StringBuilder json =
        new StringBuilder(
            new JsonWriter()
                .object()
                .member("version", 1)
                .member("gateway", bulletin.gateway())
                .member("at", bulletin.at())
                .end()
                .toString());
    json.setLength(json.length() - 1);
    json.append(",\"news\":[");
    String comma = "";
    for (News each : bulletin.forPeople().news()) {
      json.append(comma).append(item(each, bulletin));
      comma = ",";
    }
    return json.append("]}").toString();
  }

  /// What is new, and the whole document as the admin interface gives it.
  private static String item(News news, Bulletin bulletin) {
    Incident incident = news.incident();
    JsonWriter json =
        new JsonWriter()
            .object()
            .member("event", news.kind().code())
            .member("incident", incident.id())
            .member("upstream", incident.upstream())
            .member("cause", incident.cause().code());
    news.before().ifPresent(before -> json.member("cause_before", before.code()));
    json.member("lasted_s", lasted(incident).toSeconds());
    if (!bulletin.link(incident).isEmpty()) {
      json.member("url", bulletin.link(incident));
    }
    String beginning = json.end().toString();
    return beginning.substring(0, beginning.length() - 1)
        + ",\"document\":"
        + bulletin.documents().apply(incident)
        + "}";
  }

  private static Duration lasted(Incident incident) {
    return Duration.between(incident.since(), incident.ended().orElse(incident.lastSeen()));
  }
}
