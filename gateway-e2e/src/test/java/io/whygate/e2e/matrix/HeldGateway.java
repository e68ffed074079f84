package io.whygate.e2e.matrix;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.whygate.gateway.Gateway;
import io.whygate.gateway.admin.Operations;
import io.whygate.gateway.config.reading.ConfigReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A gateway within the test's own process, with one listener and an admin interface on free ports.
public final class HeldGateway implements AutoCloseable {
  private final Gateway gateway;

  private HeldGateway(Gateway gateway) {
    this.gateway = gateway;
  }

  /// Starts one with these settings inside `whygate { }`.
  public static HeldGateway start(String settings) throws Exception {
    Path file = Files.createTempFile("whygate-matrix", ".conf");
    try {
      Files.writeString(
          file,
          """
          whygate {
            listeners = [ { bind = "127.0.0.1:0" } ]
            admin { bind = "127.0.0.1:0" }
            access-log { enabled = false }
          %s
          }
          """
              .formatted(settings));
      return new HeldGateway(
          Gateway.start(new ConfigReader().read(file), () -> new Operations.Applied(List.of())));
    } finally {
      Files.delete(file);
    }
  }

  /// Where visitors come in.
  public URI uri() {
    return URI.create(gateway.listenerUrls().getFirst());
  }

  /// A request to the operators' interface.
  public Answer admin(String method, String path, String body) throws IOException {
    URI at = URI.create("http://127.0.0.1:" + gateway.adminAddress().orElseThrow().getPort());
    return Client.send(
        at, method, path, body, "Host: " + at.getAuthority(), "Content-Type: application/json");
  }

  /// The incidents of a cause, newest first.
  public List<JsonObject> incidents(String cause) throws IOException {
    Answer answer = admin("GET", "/api/incidents?cause=" + cause, "");
    return JsonParser.parseString(answer.text())
        .getAsJsonObject()
        .getAsJsonArray("incidents")
        .asList()
        .stream()
        .map(each -> each.getAsJsonObject())
        .toList();
  }

  /// All that operators are told of an incident.
  public JsonObject incident(String id) throws IOException {
    return admin("GET", "/api/incidents/" + id, "").json();
  }

  @Override
  public void close() {
    gateway.close();
  }
}
