package io.whygate.diagnostics.contact;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/// IANA's lists and the registries that they name, on a free port of 127.0.0.1.
final class RdapServer implements AutoCloseable {
  private final HttpServer server;
  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();

  RdapServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 16);
    server.createContext("/", this::answer);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
    answers.put("/rdap/ipv4.json", list("93.0.0.0/8", "old/"));
    answers.put("/rdap/ipv6.json", list("2a00::/12", "ip6/"));
    answers.put("/rdap/dns.json", list("shop", "names/"));
    services(
        "/rdap/ipv4.json", "[[\"93.0.0.0/8\"],[\"%s/old/\"]],[[\"93.184.0.0/16\"],[\"%s/ip4\"]]");
  }

  private String list(String key, String folder) {
    return "{\"version\":\"1.0\",\"services\":[[[\"" + key + "\"],[\"" + url(folder) + "\"]]]}";
  }

  private void services(String path, String services) {
    String root = url("").toString().replaceFirst("/$", "");
    answers.put(path, "{\"version\":\"1.0\",\"services\":[" + services.replace("%s", root) + "]}");
  }

  private URI url(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/" + path);
  }

  URI bootstrap() {
    return url("rdap/");
  }

  /// What it answers at a path; a text that begins with `/` is where it redirects to.
  RdapServer put(String path, String json) {
    answers.put(path, json);
    return this;
  }

  /// The paths that were asked for, in order.
  List<String> asked() {
    return asked;
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    asked.add(path);
    String body = answers.get(path);
    try (exchange) {
      if (body == null) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      if (body.startsWith("/")) {
        exchange.getResponseHeaders().set("Location", body);
        exchange.sendResponseHeaders(302, -1);
        return;
      }
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/rdap+json");
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
