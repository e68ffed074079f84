package io.whygate.gateway.cli;

import io.whygate.faults.FaultyServer;
import io.whygate.faults.http.StockSite;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.faults.tls.Pki;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What a gateway does at its start and in its first moments, done once with nobody watching: a
/// program of its own, run by the launcher with `-XX:AOTCacheOutput`, so that Java writes down
/// which classes were needed and how they were used (JEP 483, 514, 515). What is not rehearsed
/// works as well, and is loaded when it is needed first.
///
/// A gateway before a site of its own, on loopback and on ports that are free: HTTP/1.1, HTTP/2 and
/// TLS, an answer, content that is sent, a failure with its page, a scrape.
///
/// Where the property `whygate.natives` names a folder, Netty's native libraries are put there
/// first: a start whose `java.library.path` is that folder need not unpack them.
public final class Rehearsal {
  /// Enough for the machine to see which ways are taken often.
  private static final int REQUESTS = 3000;

  private static final Pattern URL = Pattern.compile("https?://[\\d.]+:\\d+(?=[,\\s])");

  private Rehearsal() {}

  public static void main(String[] args) throws Exception {
    String natives = System.getProperty("whygate.natives", "");
    if (!natives.isEmpty()) {
      NativeLibraries.unpack(Path.of(natives));
    }
    Path folder = Files.createTempDirectory("whygate-rehearsal");
    try (FaultyServer site = FaultyServer.builder().site(new StockSite("rehearsal")).start()) {
      rehearse(folder, site.uri());
    }
    // It runs on: its files go as it ends.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
    System.exit(ExitCodes.OK);
  }

  private static void rehearse(Path folder, URI site) throws IOException, InterruptedException {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
    String file = configuration(folder, site).toString();
    Thread.ofPlatform()
        .daemon()
        .start(() -> Main.run(new Terminal(out, out), "run", "--config", file));
    List<URI> urls = urls(said);
    RehearsedClient client = new RehearsedClient(urls.getFirst());
    client.get("/bytes/1024", REQUESTS);
    client.post("/echo", 16 * 1024, 50);
    client.get("/bytes/65536", 50);
    client.get("/chunked/5000", 50);
    client.get("/dead", 3);
    client.http2("/bytes/1024", 300);
    new RehearsedClient(urls.get(1)).get("/bytes/1024", 100);
    // What the gateway does a moment after its start.
    TimeUnit.SECONDS.sleep(1);
    new RehearsedClient(urls.getLast()).get("/metrics", 2);
  }

  /// Those that it says it serves at: two listeners, then the admin interface.
  private static List<URI> urls(ByteArrayOutputStream said)
      throws IOException, InterruptedException {
    for (int i = 0; i < 3000; i++) {
      List<URI> urls =
          URL.matcher(said.toString(StandardCharsets.UTF_8))
              .results()
              .map(found -> URI.create(found.group()))
              .toList();
      if (urls.size() == 3) {
        return urls;
      }
      TimeUnit.MILLISECONDS.sleep(10);
    }
    throw new IOException("the gateway did not start: " + said.toString(StandardCharsets.UTF_8));
  }

  private static Path configuration(Path folder, URI site) throws IOException {
    KeyedCertificate certificate = Pki.of("localhost", "127.0.0.2").server();
    Path chain = Files.writeString(folder.resolve("site.pem"), certificate.chainPem());
    Path key = Files.writeString(folder.resolve("site.key"), certificate.keyPem());
    return Files.writeString(
        folder.resolve("gateway.conf"),
        """
        whygate {
          listeners = [
            { bind = "127.0.0.1:0" }
            { bind = "127.0.0.2:0", tls { certificates = [ { certificate = "%s", key = "%s" } ] } }
          ]
          shutdown-grace = 1s
          admin { bind = "127.0.0.1:0" }
          access-log { file = "%s" }
          state { directory = "%s" }
          upstreams {
            site { endpoints = ["%s"] }
            dead { endpoints = ["http://127.0.0.1:%d"] }
          }
          routes = [ { path = "/", upstream = site }, { path = "/dead", upstream = dead } ]
        }
        """
            .formatted(
                chain,
                key,
                folder.resolve("access.log"),
                Files.createDirectory(folder.resolve("state")),
                site,
                freePort()));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    } catch (IOException _) {
      // The system empties the folder of temporary files.
    }
  }
}
