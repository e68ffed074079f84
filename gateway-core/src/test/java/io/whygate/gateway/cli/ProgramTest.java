package io.whygate.gateway.cli;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The program as a process of its own: its lines, its reloads, its end.
final class ProgramTest {
  private static final Pattern ANNOUNCED =
      Pattern.compile(
          "whygate .*: listening on (http://\\S+), admin on (http://\\S+), ready in \\d+ ms");

  @TempDir private Path folder;

  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final HttpClient client = HttpClient.newHttpClient();
  private HttpServer first;
  private HttpServer second;
  private Path file;
  private Process program;
  private URI site;
  private URI admin;

  @BeforeEach
  void start() throws Exception {
    first = server("first");
    second = server("second");
    file = folder.resolve("gateway.conf");
    configure(first);
    program =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName(),
                "run",
                "--config",
                file.toString())
            .redirectErrorStream(true)
            .start();
    Thread.ofVirtual().start(this::read);
    Matcher announced = ANNOUNCED.matcher(lineWith("listening on"));
    assertThat(announced.matches()).isTrue();
    site = URI.create(announced.group(1) + "/");
    admin = URI.create(announced.group(2));
  }

  @AfterEach
  void stop() throws Exception {
    program.destroyForcibly().waitFor();
    first.stop(0);
    second.stop(0);
    client.close();
  }

  private static HttpServer server(String name) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] body = name.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return server;
  }

  private void configure(HttpServer server) throws IOException {
    write(
        """
        whygate {
          shutdown-grace = 5s
          access-log.enabled = false
          listeners = [ { bind = "127.0.0.1:0" } ]
          admin { bind = "127.0.0.1:0" }
          upstreams { site { endpoints = ["http://127.0.0.1:%d"] } }
          routes = [ { upstream = site } ]
        }
        """
            .formatted(server.getAddress().getPort()));
  }

  /// As an editor does: a new file, renamed into place.
  private void write(String text) throws IOException {
    Path draft = Files.writeString(folder.resolve("gateway.conf.new"), text);
    Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private void read() {
    try (BufferedReader reader = program.inputReader(StandardCharsets.UTF_8)) {
      reader.lines().forEach(lines::add);
    } catch (IOException failure) {
      lines.add(failure.toString());
    }
  }

  private String lineWith(String part) throws InterruptedException {
    StringBuilder seen = new StringBuilder();
    while (true) {
      String line = lines.poll(60, SECONDS);
      assertThat(line).as("a line with '%s' after:%n%s", part, seen).isNotNull();
      if (line.contains(part)) {
        return line;
      }
      seen.append(line).append('\n');
    }
  }

  private String get() throws Exception {
    return client.send(HttpRequest.newBuilder(site).build(), BodyHandlers.ofString()).body();
  }

  private HttpResponse<String> post(String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(admin.resolve(path))
            .POST(HttpRequest.BodyPublishers.noBody())
            .build(),
        BodyHandlers.ofString());
  }

  @Test
  void reloadsByAFilesChangeASignalAndACall() throws Exception {
    assertThat(get()).isEqualTo("first");

    configure(second);
    assertThat(lineWith("reloaded")).contains("a file changed");
    assertThat(get()).isEqualTo("second");

    signal("HUP");
    assertThat(lineWith("reloaded")).contains("SIGHUP came: nothing is different");

    assertThat(post("/api/config/reload").statusCode()).isEqualTo(200);
    assertThat(lineWith("reloaded")).contains("the admin interface");
  }

  @Test
  void aRejectedConfigurationChangesNothingAndSaysWhy() throws Exception {
    write("whygate {\n  listenrs = []\n}\n");
    assertThat(lineWith("not reloaded")).contains("what was in force still is");
    assertThat(lineWith("listenrs")).contains("gateway.conf:2: whygate.listenrs: unknown key");
    assertThat(get()).isEqualTo("first");

    HttpResponse<String> answer = post("/api/config/reload");
    assertThat(answer.statusCode()).isEqualTo(422);
    assertThat(answer.body()).contains("listenrs");
    assertThat(metrics()).containsPattern("config_reloads_total\\{result=\"rejected\"} 2");

    configure(second);
    assertThat(lineWith("reloaded, because")).contains("a file changed");
    assertThat(get()).isEqualTo("second");
  }

  @Test
  void endsWithZeroWhenItIsToldToStop() throws Exception {
    assertThat(get()).isEqualTo("first");
    signal("TERM");
    assertThat(program.waitFor(30, SECONDS)).isTrue();
    assertThat(program.exitValue()).isZero();
  }

  private String metrics() throws Exception {
    return client
        .send(HttpRequest.newBuilder(admin.resolve("/metrics")).build(), BodyHandlers.ofString())
        .body();
  }

  private void signal(String name) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(program.pid())).start();
    assertThat(kill.waitFor()).isZero();
  }
}
