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

/// A gateway that a row tries, with one listener and an admin interface: within the test's own
/// process, or the built program at another place.
public final class HeldGateway implements AutoCloseable {
  private final URI uri;
  private final int adminPort;
  private final String upstream;
  private final Runnable ending;

  private HeldGateway(URI uri, int adminPort, String upstream, Runnable ending) {
    this.uri = uri;
    this.adminPort = adminPort;
    this.upstream = upstream;
    this.ending = ending;
  }

  /// Starts one with these settings inside `whygate { }`.
  public static HeldGateway start(String settings) throws Exception {
    return start(settings, "");
  }

  /// The same with these settings of its listener.
  public static HeldGateway start(String settings, String listener) throws Exception {
    Path file = Files.createTempFile("whygate-matrix", ".conf");
    try {
      Files.writeString(
          file,
          """
          whygate {
            listeners = [ { bind = "127.0.0.1:0", %s } ]
            admin { bind = "127.0.0.1:0" }
            access-log { enabled = false }
          %s
          }
          """
              .formatted(listener, settings));
      Gateway gateway =
          Gateway.start(new ConfigReader().read(file), () -> new Operations.Applied(List.of()));
      return new HeldGateway(
          URI.create(gateway.listenerUrls().getFirst()),
          gateway.adminAddress().orElseThrow().getPort(),
          "",
          gateway::close);
    } finally {
      Files.delete(file);
    }
  }

  /// One that runs elsewhere and goes on after the row; of its upstreams only this one is looked
  /// at.
  ///
  /// @param uri where visitors of this upstream come in
  public static HeldGateway shared(URI uri, int adminPort, String upstream) {
    return new HeldGateway(uri, adminPort, upstream, () -> {});
  }

  /// Where visitors come in.
  public URI uri() {
    return uri;
  }

  /// A request to the operators' interface.
  public Answer admin(String method, String path, String body) throws IOException {
    URI at = URI.create("http://127.0.0.1:" + adminPort);
    return Client.send(
        at, method, path, body, "Host: " + at.getAuthority(), "Content-Type: application/json");
  }

  /// The incidents of a cause, newest first.
  public List<JsonObject> incidents(String cause) throws IOException {
    Answer answer = admin("GET", "/api/incidents?cause=" + cause + "&upstream=" + upstream, "");
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
    ending.run();
  }
}
