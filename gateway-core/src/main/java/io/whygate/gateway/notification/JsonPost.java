package io.whygate.gateway.notification;

import io.whygate.gateway.notification.Delivery.RefusedException;
import io.whygate.gateway.posting.HttpPost;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/// Posts JSON, each message on a connection of its own: they are rare.
final class JsonPost {
  private final HttpPost post;

  JsonPost(HttpPost post) {
    this.post = post;
  }

  /// @param more fields of the head
  /// @throws IOException where nobody answers in time, or the answer says that it may work later
  void send(String json, Map<String, String> more)
      throws IOException, InterruptedException, RefusedException {
    Map<String, String> fields = new HashMap<>(more);
    fields.put("Content-Type", "application/json");
    try (HttpClient client = post.client()) {
      HttpPost.Reply reply = post.send(client, json.getBytes(StandardCharsets.UTF_8), fields);
      if (reply.isSuccess()) {
        return;
      }
      if (reply.isTemporary()) {
        throw new IOException("answered " + reply.status());
      }
      throw new RefusedException("answered " + reply.status() + " (expected: 200)");
    }
  }
}
