package io.whygate.faults.demo;

import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the panel asks of the gateway: its incidents, and a visit to the site. Thread-safe.
final class GatewayClient implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(GatewayClient.class);
  private static final Duration PATIENCE = Duration.ofMillis(800);
  private static final int SHOWN = 8;

  private final HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final DemoPorts ports;

  GatewayClient(DemoPorts ports) {
    this.ports = ports;
  }

  /// The newest incidents, newest first; nothing where the gateway does not say.
  Optional<List<IncidentLine>> incidents() {
    return get(ports.adminAddress().resolve("/api/incidents?limit=" + SHOWN))
        .flatMap(GatewayClient::lines);
  }

  /// Loads a page as a visitor would, so that the gateway knows the site before it breaks.
  void visit(String path) {
    get(ports.gatewayAddress().resolve(path));
  }

  @Override
  public void close() {
    client.shutdownNow();
  }

  private Optional<String> get(URI address) {
    try {
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(address).timeout(PATIENCE).build(),
              HttpResponse.BodyHandlers.ofString());
      return response.statusCode() == 200 ? Optional.of(response.body()) : Optional.empty();
    } catch (IOException e) {
      LOG.debug("{} does not answer: {}", address, e.toString());
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private static Optional<List<IncidentLine>> lines(String document) {
    try {
      if (Json.read(document) instanceof Map<?, ?> root
          && root.get("incidents") instanceof List<?> incidents) {
        List<IncidentLine> lines = new ArrayList<>();
        for (Object incident : incidents) {
          if (incident instanceof Map<?, ?> members && lines.size() < SHOWN) {
            lines.add(IncidentLine.of(members));
          }
        }
        return Optional.of(lines);
      }
      LOG.warn("incidents: not a list (expected: an object with the member incidents)");
    } catch (IllegalArgumentException e) {
      LOG.warn("incidents: not readable: {}", e.getMessage());
    }
    return Optional.empty();
  }
}
