package io.whygate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.http2.FramedPeer;
import io.whygate.faults.http2.FramedServer;
import io.whygate.faults.http2.FramedServer.Script;
import io.whygate.faults.tls.Certificates;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.faults.tls.Pki;
import io.whygate.faults.tls.TlsFault;
import io.whygate.gateway.Gateway;
import io.whygate.gateway.RawClient;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import io.whygate.gateway.admin.Operations;
import io.whygate.gateway.config.reading.ConfigReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Recorded exchanges of a real gateway before real servers, sent once more.
final class ReplayCommandTest {
  @TempDir private Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int whygate(String... arguments) {
    return Main.run(
        new Terminal(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8)),
        arguments);
  }

  private int replay(Gateway gateway, String id, String... more) {
    out.reset();
    err.reset();
    InetSocketAddress admin = gateway.adminAddress().orElseThrow();
    List<String> all =
        new ArrayList<>(List.of("replay", id, "--admin", "127.0.0.1:" + admin.getPort()));
    all.addAll(Arrays.asList(more));
    return whygate(all.toArray(String[]::new));
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  /// Without the breaks of its lines.
  private String text() {
    return out().replaceAll("\\s+", " ");
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private Gateway before(URI endpoint, String diagnostics) throws Exception {
    return before(endpoint, diagnostics, "");
  }

  private Gateway before(URI endpoint, String diagnostics, String upstream) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("gateway.conf"),
            """
            whygate {
              event-loops = 1
              admin { bind = "127.0.0.1:0" }
              access-log { enabled = false }
              listeners = [ { bind = "127.0.0.1:0" } ]
              upstreams { site { endpoints = ["%s"], retry.attempts = 1, response-timeout = 1s, %s } }
              routes = [ { path = "/", upstream = site } ]
              diagnostics { %s }
            }
            """
                .formatted(endpoint, upstream, diagnostics));
    return Gateway.start(new ConfigReader().read(file), () -> new Operations.Applied(List.of()));
  }

  private static String fail(Gateway gateway, String request) throws IOException {
    URI url = URI.create(gateway.listenerUrls().getFirst());
    try (RawClient client = new RawClient(new InetSocketAddress(url.getHost(), url.getPort()))) {
      return client.send(request).answer().field("Whygate-Incident");
    }
  }

  /// The settings of an upstream that has certificates of this root, and of a client's own.
  private String secured(Pki pki) throws IOException {
    Path root = folder.resolve("root.pem");
    Certificates.writePem(root, pki.root());
    KeyedCertificate.PemFiles own = pki.newClient("gateway").writeTo(folder, "own");
    return "tls { trusted-certificates = \"%s\", client-certificate = \"%s\", client-key = \"%s\" }"
        .formatted(root, own.chain(), own.key());
  }

  private String file() {
    return folder.resolve("gateway.conf").toString();
  }

  @Test
  void showsTheCertificateThatTheUpstreamIsToldToShow() throws Exception {
    Pki pki = Pki.of("127.0.0.1");
    try (FaultyServer server = FaultyServer.startTls(pki);
        Gateway gateway = before(server.uri(), "", secured(pki))) {
      server.tlsFault(new TlsFault.ClientCertificateRequired());
      server.fault(new Fault.PathFailure("/sick", new Fault.CloseBeforeResponse()));
      String id = fail(gateway, "GET /sick HTTP/1.1\r\nHost: shop.example\r\n\r\n");
      assertThat(replay(gateway, id, "--config", file())).as(err()).isEqualTo(ExitCodes.FAILED);
      assertThat(text()).contains("✓ TLS", "✓ send", "It fails as it did: closed by the server");

      server.mend();
      server.tlsFault(new TlsFault.ClientCertificateRequired());
      assertThat(replay(gateway, id, "--config", file())).as(out()).isEqualTo(ExitCodes.OK);
      // Without the file nobody knows of a certificate to show. The server says so after the
      // handshake, and closes: which of both is met depends on how far the request has come.
      assertThat(replay(gateway, id, "--insecure")).isEqualTo(ExitCodes.FAILED);
      assertThat(text()).contains("It fails in another way than it did: ");
    }
  }

  @Test
  void speaksWhatTlsAgreesOn() throws Exception {
    Pki pki = Pki.of("127.0.0.1");
    try (FramedServer server = FramedServer.startTls(pki, "h2");
        Gateway gateway = before(server.uri(), "", secured(pki))) {
      server.play(
          new Script() {
            @Override
            public void answer(FramedPeer peer, FramedPeer.Request request, int number)
                throws IOException {
              peer.reset(request.stream(), 2);
            }
          });
      String id = fail(gateway, "GET /sick HTTP/1.1\r\nHost: shop.example\r\n\r\n");
      assertThat(replay(gateway, id, "--config", file())).as(err()).isEqualTo(ExitCodes.FAILED);
      assertThat(text())
          .contains("bytes, by HTTP/2", "It fails as it did: HTTP/2 error INTERNAL_ERROR");

      server.play(
          new Script() {
            @Override
            public void answer(FramedPeer peer, FramedPeer.Request request, int number)
                throws IOException {
              peer.close();
            }
          });
      assertThat(replay(gateway, id, "--config", file())).isEqualTo(ExitCodes.FAILED);
      assertThat(text()).contains("It fails in another way than it did: closed by the server");

      server.mend();
      assertThat(replay(gateway, id, "--config", file())).as(out()).isEqualTo(ExitCodes.OK);
      assertThat(text()).contains("by HTTP/2", "✓ read", "It works now: the server answers 200");
    }
  }

  /// A server whose port is closed, and nobody else's.
  private static FaultyServer closed() throws IOException {
    FaultyServer server = FaultyServer.start();
    server.fault(new Fault.NothingListens());
    return server;
  }

  /// A server that answers each request, once its head was read, with these bytes.
  private static ScriptedServer answering(String bytes) throws IOException {
    return new ScriptedServer((peer, _) -> {
      while (!peer.head().isEmpty()) {
        peer.send(bytes);
        if (!bytes.contains("Content-Length: 2\r\n")) {
          return;
        }
      }
    });
  }

  @Test
  void tellsThatItFailsAsItDidAndThatItWorksElsewhere() throws Exception {
    try (ScriptedServer good = answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        FaultyServer closed = closed();
        Gateway gateway = before(closed.uri(), "")) {
      String id =
          fail(
              gateway,
              "GET /cart?page=2&token=abc HTTP/1.1\r\nHost: shop.example\r\nCookie: sid=topsecret\r\n"
                  + "X-Note: kept\r\n\r\n");
      assertThat(replay(gateway, id)).as(err()).isEqualTo(ExitCodes.FAILED);
      assertThat(out())
          .contains("Incident " + id + ": GET /cart?page=2&token=REDACTED")
          .contains("Sent without Cookie", "--header", "REDACTED is sent in its place")
          .containsPattern("✗ connect +[0-9.]+ ms +127.0.0.1 port [0-9]+: connection refused")
          .contains("It fails as it did: ")
          .doesNotContain("topsecret", "abc");
      assertThat(replay(gateway, id, "--to", good.uri().toString(), "-H", "Cookie: sid=mine"))
          .isEqualTo(ExitCodes.OK);
      assertThat(out())
          .contains("✓ connect", "✓ send", "✓ wait", "✓ read", "There it works", "200 OK, whole")
          .doesNotContain("Sent without");
      assertThat(good.heads().getLast())
          .startsWith("GET /cart?page=2&token=REDACTED HTTP/1.1\r\nHost: shop.example\r\n")
          .contains("X-Note: kept\r\n", "Cookie: sid=mine\r\n", "Connection: close\r\n");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                                                          | wait | closed by the server without a byte of an answer
          HTTP/1.1 200 OK~Content-                                    | read | closed by the server within the head, at byte 25
          HTTP/1.1 200 OK~Bad Name: x~~                               | read | at byte 17 of the head
          HTTP/1.1 200 OK~Content-Length: 9~~12345                    | read | closed by the server within the body, at byte 5 of 9
          HTTP/1.1 200 OK~Transfer-Encoding: chunked~~3~abc~zz~        | read | at byte 8 of the body
          """)
  void namesTheExactMoment(String bytes, String phase, String words) throws Exception {
    String answer = bytes.replace("~", "\r\n");
    try (ScriptedServer server = answering(answer);
        Gateway gateway = before(server.uri(), "")) {
      URI url = URI.create(gateway.listenerUrls().getFirst());
      try (RawClient client = new RawClient(new InetSocketAddress(url.getHost(), url.getPort()))) {
        client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        client.in().readAllBytes();
      } catch (IOException e) {
        // An answer that broke off ends with its connection.
      }
      out.reset();
      String admin = "127.0.0.1:" + gateway.adminAddress().orElseThrow().getPort();
      RunningGateway.await(() -> {
        out.reset();
        whygate("incidents", "--admin", admin, "--json");
        return out().contains("\"incident\":\"");
      });
      String id = out().replaceFirst("(?s).*?\"incident\":\"([a-z0-9]+)\".*", "$1");
      assertThat(replay(gateway, id)).as(err()).isEqualTo(ExitCodes.FAILED);
      assertThat(text()).contains("✗ " + phase, words, "It fails as it did: ");
    }
  }

  @Test
  void aSilentServerIsToldByItsSilence() throws Exception {
    try (ScriptedServer silent =
            new ScriptedServer((peer, _) -> {
              peer.head();
              peer.head();
            });
        Gateway gateway = before(silent.uri(), "")) {
      String id = fail(gateway, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(replay(gateway, id, "--timeout", "1")).isEqualTo(ExitCodes.FAILED);
      assertThat(out()).contains("✗ wait", "nothing for 1000 ms without a byte of an answer");
    }
  }

  @Test
  void whatMayChangeSomethingIsSentByConsentAlone() throws Exception {
    String post = "POST /order HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nn=one";
    try (ScriptedServer good =
            new ScriptedServer((peer, _) -> {
              peer.head();
              String body = new String(peer.in().readNBytes(5), StandardCharsets.US_ASCII);
              peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + body);
            });
        FaultyServer closed = closed();
        Gateway gateway = before(closed.uri(), "")) {
      String id = fail(gateway, post);
      String to = good.uri().toString();
      assertThat(replay(gateway, id, "--to", to)).isEqualTo(ExitCodes.USAGE);
      assertThat(err()).contains("POST /order may change something", "--force").hasLineCount(1);
      assertThat(replay(gateway, id, "--to", to, "--force")).isEqualTo(ExitCodes.USAGE);
      assertThat(err()).contains("the body of 5 bytes was not recorded", "--body").hasLineCount(1);
      assertThat(good.accepted()).isZero();
      Path body = Files.writeString(folder.resolve("body"), "n=two");
      assertThat(replay(gateway, id, "--to", to, "--force", "--body", body.toString()))
          .isEqualTo(ExitCodes.OK);
    }
  }

  @Test
  void aBodyIsThereWhereTheSettingsKeepIt() throws Exception {
    String post =
        "POST /order HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            + "Content-Length: 15\r\n\r\nn=1&password=pw";
    try (ScriptedServer server =
            new ScriptedServer((peer, number) -> {
              peer.head();
              String body = new String(peer.in().readNBytes(15), StandardCharsets.US_ASCII);
              if (number > 1) {
                body += new String(peer.in().readNBytes(6), StandardCharsets.US_ASCII);
                peer.send("HTTP/1.1 201 " + body + "\r\nContent-Length: 0\r\n\r\n");
              }
            });
        Gateway gateway = before(server.uri(), "recording.body-size = 1KiB")) {
      String id = fail(gateway, post);
      assertThat(server.accepted()).isGreaterThanOrEqualTo(1);
      assertThat(replay(gateway, id, "--force")).as(err()).isEqualTo(ExitCodes.OK);
      assertThat(text()).contains("201 n=1&password=REDACTED");
    }
  }

  @Test
  void anIncidentIsToldInFullWithTheWayToSendItAgain() throws Exception {
    try (FaultyServer closed = closed();
        Gateway gateway = before(closed.uri(), "")) {
      String id = fail(gateway, "GET /cart HTTP/1.1\r\nHost: a\r\n\r\n");
      String admin = "127.0.0.1:" + gateway.adminAddress().orElseThrow().getPort();
      assertThat(whygate("incidents", id, "--admin", admin)).isZero();
      assertThat(text())
          .contains(
              "Incident " + id + " of upstream site open since ", "1 request hit, 1 page shown")
          .contains("✗ The site’s server is not running", "server.port-closed")
          .contains(
              "GET http://a/cart on ",
              ", failed once: 1. " + closed.uri() + ": connection refused (")
          .doesNotContain(" 0 bytes")
          .contains("$ whygate replay " + id);
      assertThat(out().lines().filter(line -> !line.contains("$ ")))
          .allMatch(l -> l.length() <= 80);
      out.reset();
      assertThat(whygate("incidents", "--admin", admin)).isZero();
      assertThat(text()).contains("SINCE STATE LASTED HIT UPSTREAM CAUSE ID").contains(id);
    }
  }

  @Test
  void nothingIsSentWhereNothingIsKnown() throws Exception {
    try (FaultyServer closed = closed();
        Gateway gateway = before(closed.uri(), "recording.incidents = 0")) {
      assertThat(replay(gateway, "absent")).isEqualTo(ExitCodes.USAGE);
      assertThat(err()).contains("/api/incidents/absent.har is not there").hasLineCount(1);
      String id = fail(gateway, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(replay(gateway, id)).isEqualTo(ExitCodes.USAGE);
      assertThat(replay(gateway, id, "--to", "ftp://x")).isEqualTo(ExitCodes.USAGE);
    }
  }
}
