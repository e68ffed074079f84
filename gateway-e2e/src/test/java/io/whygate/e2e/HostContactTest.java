package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.whygate.e2e.lab.Await;
import io.whygate.e2e.matrix.Answer;
import io.whygate.e2e.matrix.Client;
import io.whygate.e2e.matrix.HeldGateway;
import io.whygate.faults.dns.DnsServer;
import io.whygate.faults.dns.Zone;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whom an operator is told to turn to: the contact of the configuration, else the registry's,
/// asked by RDAP; with a letter that holds what a host asks for.
class HostContactTest {
  private static final String DESK =
      """
      {"objectClassName": "domain", "ldhName": "ACME.SHOP", "entities": [
        {"roles": ["registrar"], "vcardArray": ["vcard", [["version", {}, "text", "4.0"],
          ["fn", {}, "text", "Names Inc"], ["email", {}, "text", "abuse@names.example"]]]},
        {"roles": ["technical"], "vcardArray": ["vcard", [["version", {}, "text", "4.0"],
          ["fn", {}, "text", "Acme Hosting"], ["tel", {"type": "voice"}, "uri", "tel:+49-30-1"],
          ["email", {}, "text", "noc@acme.example"]]]}]}
      """;

  private final List<String> asked = new CopyOnWriteArrayList<>();

  private HttpServer registry() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 16);
    String root = "http://127.0.0.1:" + server.getAddress().getPort();
    Map<String, String> answers =
        Map.of(
            "/rdap/dns.json",
            "{\"version\":\"1.0\",\"services\":[[[\"shop\"],[\"" + root + "/names/\"]]]}",
            "/names/domain/acme.shop",
            DESK);
    server.createContext("/", exchange -> answer(exchange, answers));
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
    return server;
  }

  private void answer(HttpExchange exchange, Map<String, String> answers) throws IOException {
    String path = exchange.getRequestURI().getPath();
    asked.add(path);
    byte[] body = answers.getOrDefault(path, "").getBytes(StandardCharsets.UTF_8);
    try (exchange) {
      exchange.sendResponseHeaders(
          body.length == 0 ? 404 : 200, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private static String settings(DnsServer dns, HttpServer registry, Path state, String more) {
    return """
    dns { servers = ["127.0.0.1:%d"], authoritative-port = %d }
    state.directory = "%s"
    diagnostics.contact-lookup { enabled = true, bootstrap = "http://127.0.0.1:%d/rdap/" }
    upstreams { site { endpoints = ["http://www.acme.shop:8080"], %s } }
    routes += { upstream = site }
    """
        .formatted(dns.port(), dns.port(), state, registry.getAddress().getPort(), more);
  }

  @Test
  void theRegistryTellsWhereTheConfigurationDoesNot(@TempDir Path state) throws Exception {
    HttpServer registry = registry();
    try (DnsServer dns = DnsServer.authority(Zone.of("acme.shop").ns("ns1", "127.0.0.1"));
        HeldGateway gateway = HeldGateway.start(settings(dns, registry, state, ""))) {
      Answer answer = Client.get(gateway.uri(), "/cart");
      assertThat(answer.cause()).isEqualTo("dns.name-not-found");
      String id = answer.field("whygate-incident").orElseThrow();
      Await.until("a contact", Duration.ofSeconds(10), () -> gateway.incident(id).has("host"));
      JsonObject host = gateway.incident(id).getAsJsonObject("host");
      assertThat(host.get("name").getAsString()).isEqualTo("Acme Hosting");
      assertThat(host.get("email").getAsString()).isEqualTo("noc@acme.example");
      assertThat(host.get("phone").getAsString()).isEqualTo("+49-30-1");
      assertThat(host.get("role").getAsString()).isEqualTo("technical");
      assertThat(host.get("of").getAsString()).isEqualTo("acme.shop");
      assertThat(host.get("source").getAsString()).contains("/names/domain/acme.shop");
      JsonObject message = host.getAsJsonObject("message");
      assertThat(message.get("subject").getAsString()).contains(id);
      assertThat(message.get("body").getAsString())
          .contains("Hello Acme Hosting,")
          .contains("Server: http://www.acme.shop:8080")
          .containsPattern("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC: GET /cart")
          .contains("Incident: " + id)
          .contains("Cause: dns.name-not-found");
      assertThat(message.get("mailto").getAsString())
          .startsWith("mailto:noc@acme.example?subject=");
      // No visitor is told whose site it is.
      assertThat(answer.text()).doesNotContain("acme");
      assertThat(Files.readString(state.resolve("registries").resolve("rdap-dns.json")))
          .contains("/names/");
      assertThat(asked).containsExactly("/rdap/dns.json", "/names/domain/acme.shop");
    } finally {
      registry.stop(0);
    }
  }

  @Test
  void theConfigurationsContactComesFirstAndNobodyIsAsked(@TempDir Path state) throws Exception {
    HttpServer registry = registry();
    String contact = "contact { name = \"Jo\", email = \"jo@shop.example\" }";
    try (DnsServer dns = DnsServer.authority(Zone.of("acme.shop").ns("ns1", "127.0.0.1"));
        HeldGateway gateway = HeldGateway.start(settings(dns, registry, state, contact))) {
      Answer answer = Client.get(gateway.uri(), "/");
      JsonObject incident = gateway.incident(answer.field("whygate-incident").orElseThrow());
      JsonObject host = incident.getAsJsonObject("host");
      assertThat(host.get("email").getAsString()).isEqualTo("jo@shop.example");
      assertThat(host.get("source").getAsString()).isEqualTo("configuration");
      assertThat(asked).isEmpty();
    } finally {
      registry.stop(0);
    }
  }
}
