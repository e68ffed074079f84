package io.whygate.gateway.notification;

import io.whygate.gateway.notification.Delivery.RefusedException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/// Posts JSON. No redirect is followed: what is sent is meant for whom the configuration names.
final class HttpPost {
  private final URI uri;
  private final Duration timeout;
  private final Trust trust;

  HttpPost(URI uri, Duration timeout, Trust trust) {
    this.uri = uri;
    this.timeout = timeout;
    this.trust = trust;
  }

  /// @param fields more fields of the head
  /// @throws IOException where nobody answers in time, or the answer says that it may work later
  void send(String json, Map<String, String> fields)
      throws IOException, InterruptedException, RefusedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(timeout)
            .header("Content-Type", "application/json")
            .header("User-Agent", "whygate")
            .POST(HttpRequest.BodyPublishers.ofString(json, StandardCharsets.UTF_8));
    fields.forEach(request::header);
    try (HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(timeout)
            .sslContext(trust.context())
            .build()) {
      int status =
          client.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
      if (status >= 200 && status < 300) {
        return;
      }
      if (status == 408 || status == 429 || status >= 500) {
        throw new IOException("answered " + status);
      }
      throw new RefusedException("answered " + status + " (expected: 200)");
    }
  }
}
