package io.whygate.e2e.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.microsoft.playwright.Page;
import io.whygate.e2e.Needs;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Each part of the lab does what the tests with a gateway take for granted.
class LabTest {

  private static HttpResponse<String> get(URI uri) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  @Test
  @Needs("nginx")
  void nginxServesStopsAndComesBackOnItsPort() throws Exception {
    try (Folder folder = Folder.create("root")) {
      folder.write("index.html", "<h1>It is nginx</h1>");
      try (Nginx nginx = Nginx.serving(Place.HERE, folder.path(), "")) {
        assertThat(get(nginx.uri()).body()).contains("It is nginx");
        nginx.stop();
        assertThat(catchConnect(nginx.uri())).isInstanceOf(ConnectException.class);
        nginx.start();
        assertThat(get(nginx.uri()).statusCode()).isEqualTo(200);
        nginx.awaitAccess("GET / HTTP/1.1");
      }
    }
  }

  private static Throwable catchConnect(URI uri) {
    return catchThrowable(() -> get(uri));
  }

  @Test
  @Needs({"apache2", "php-fpm"})
  void apacheServesPhp() throws Exception {
    try (Folder folder = Folder.create("root");
        PhpFpm php = PhpFpm.start(2, "")) {
      folder.write("index.php", "<?php echo 'PHP ' . (6 * 7);");
      try (ApacheServer apache =
          ApacheServer.serving(
              folder.path(),
              "<FilesMatch \\.php$>\n  SetHandler \"proxy:unix:"
                  + php.socket()
                  + "|fcgi://localhost\"\n</FilesMatch>\nDirectoryIndex index.php")) {
        assertThat(get(apache.uri()).body()).isEqualTo("PHP 42");
      }
    }
  }

  @Test
  @Needs("gunicorn")
  void gunicornRunsAProgram() throws Exception {
    String program =
        """
        def application(environ, start_response):
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [environ["PATH_INFO"].encode()]
        """;
    try (Gunicorn gunicorn = Gunicorn.serving(program, 1, Duration.ofSeconds(30))) {
      assertThat(get(gunicorn.uri().resolve("/a/b")).body()).isEqualTo("/a/b");
    }
  }

  @Test
  @Needs("node")
  void nodeRunsAProgram() throws Exception {
    String program =
        """
        require('http').createServer((q, r) => r.end('node ' + q.url)).listen(process.env.PORT, '127.0.0.1');
        """;
    try (NodeServer node = NodeServer.running(program)) {
      assertThat(get(node.uri().resolve("/x")).body()).isEqualTo("node /x");
    }
  }

  @Test
  @Needs({"root", "knotd", "kdig", "unbound"})
  void unboundResolvesWhatKnotServesAndKeepsItWhileTheZoneChanges() {
    Place authority = Place.loopback("127.53.0.1");
    Place resolver = Place.loopback("127.53.0.2");
    try (Knot knot = Knot.serving(authority, "lab.example", "www A 127.0.0.10");
        Unbound _ = Unbound.resolving(resolver, "lab.example", authority)) {
      assertThat(ask(resolver)).isEqualTo("127.0.0.10");
      knot.change(2, "www A 127.0.0.20");
      assertThat(ask(authority)).isEqualTo("127.0.0.20");
      assertThat(ask(resolver)).isEqualTo("127.0.0.10");
    }
  }

  private static String ask(Place server) {
    return LabProcess.run(
            Place.HERE, Path.of("/"), "kdig", "+short", "@" + server.address(), "www.lab.example")
        .strip();
  }

  @Test
  @Needs({"namespaces", "nft", "ping", "nginx", "curl"})
  void namespacesAreHostsThatAFilterCanTakeApart() {
    try (Folder folder = Folder.create("root");
        Namespaces network = new Namespaces()) {
      folder.write("index.html", "hello");
      Place web = network.host("web", "10.77.0.2");
      Place client = network.host("client", "10.77.0.3");
      try (Nginx nginx = Nginx.serving(web, folder.path(), "")) {
        String url = nginx.uri().toString();
        assertThat(LabProcess.run(client, folder.path(), "curl", "-sS", url)).isEqualTo("hello\n");
        network.filter(web, "add rule inet lab in tcp dport " + nginx.port() + " drop");
        assertThat(
                LabProcess.start(client, folder.path(), "curl", "-sS", "--max-time", "2", url)
                    .awaitExit(Duration.ofSeconds(30)))
            .as("curl's exit status: 28 is a time-out")
            .isEqualTo(28);
        assertThat(LabProcess.run(client, folder.path(), "ping", "-c1", "-W10", "10.77.0.2"))
            .contains("1 received");
      }
    }
  }

  @Test
  @Needs({"nginx", "chromium"})
  void chromiumShowsAPage() {
    try (Folder folder = Folder.create("root")) {
      folder.write("index.html", "<title>A title</title><h1>Hello</h1>");
      try (Nginx nginx = Nginx.serving(Place.HERE, folder.path(), "");
          Chromium chromium = Chromium.start()) {
        Page page = chromium.newPage("en");
        page.navigate(nginx.uri().toString());
        assertThat(page.title()).isEqualTo("A title");
        assertThat(page.locator("h1").textContent()).isEqualTo("Hello");
      }
    }
  }

  @Test
  @Needs({"wordpress", "mariadbd", "php-fpm", "nginx"})
  void wordPressIsInstalled() throws Exception {
    try (WordPressSite site = WordPressSite.start()) {
      HttpResponse<String> home = get(site.uri().resolve("/"));
      assertThat(home.body())
          .as("%s %s %s", home.statusCode(), home.headers().map(), site.php().log())
          .contains("Whygate test site");
      assertThat(site.database().sql("SELECT user_login FROM wordpress.wp_users").strip())
          .isEqualTo(WordPressSite.USER);
    }
  }
}
