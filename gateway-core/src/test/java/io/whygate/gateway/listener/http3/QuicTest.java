package io.whygate.gateway.listener.http3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.quic.QuicSslContext;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.faults.tls.Pki;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import io.whygate.gateway.config.InvalidConfigException;
import io.whygate.gateway.listener.client.Abuse;
import io.whygate.gateway.listener.client.ListenerCounts;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is QUIC's own: who is let in, by which certificate, from where, and how early.
class QuicTest {
  private static TestSite site;

  @BeforeAll
  static void makeCertificates() throws Exception {
    site = TestSite.make();
  }

  private static ScriptedServer server() throws Exception {
    return new ScriptedServer((peer, _) -> peer.serve());
  }

  private static String http3(String settings) {
    return site.tls() + ", http3 { enabled = true, " + settings + " }";
  }

  @Test
  void aClientHasToShowWhereItIsOnlyWhereItIsAsked() throws Exception {
    try (ScriptedServer server = server();
        RunningGateway gateway =
            RunningGateway.before(http3("retry.when = always"), "", server.uri())) {
      try (Relay relay = new Relay(gateway.address());
          H3Client client = site.client().connect(relay.address())) {
        assertThat(client.get("/").answer().status()).isEqualTo(200);
        assertThat(relay.retries()).isEqualTo(1);
      }
      gateway.apply(http3("retry.when = auto"), "", server.uri());
      try (Relay relay = new Relay(gateway.address());
          H3Client client = site.client().connect(relay.address())) {
        assertThat(client.get("/").answer().status()).isEqualTo(200);
        assertThat(relay.retries()).isZero();
      }
      gateway.apply(http3("retry { when = auto, above = 0 }"), "", server.uri());
      try (Relay relay = new Relay(gateway.address());
          H3Client client = site.client().connect(relay.address())) {
        assertThat(client.get("/").answer().status()).isEqualTo(200);
        assertThat(relay.retries()).isEqualTo(1);
      }
      gateway.apply(http3("retry.when = auto") + ", limits { connections = 1 }", "", server.uri());
      try (Relay relay = new Relay(gateway.address());
          H3Client client = site.client().connect(relay.address())) {
        assertThat(client.get("/").answer().status()).isEqualTo(200);
        assertThat(relay.retries()).isEqualTo(1);
        assertThatThrownBy(() -> site.client().within(2).connect(gateway.address()));
        assertThat(gateway.abuses(Abuse.CONNECTIONS)).isPositive();
        assertThat(client.get("/").answer().status()).isEqualTo(200);
      }
    }
  }

  @Test
  void aClientThatMovesGoesOn() throws Exception {
    try (ScriptedServer server = server();
        RunningGateway gateway =
            RunningGateway.start(site.listener(""), "", "event-loops = 4", server.uri());
        Relay relay = new Relay(gateway.address());
        H3Client client = site.client().connect(relay.address())) {
      for (int i = 0; i < 40; i++) {
        assertThat(client.get("/" + i).answer().status()).isEqualTo(200);
        relay.rebind();
      }
      assertThat(gateway.listeners().getFirst().counts().http3Connections()).isEqualTo(1);
      assertThat(server.heads()).hasSize(40);
    }
  }

  @Test
  void aHandshakeThatComesToNothingIsNoLongerCounted() throws Exception {
    try (ScriptedServer server = server();
        RunningGateway gateway = RunningGateway.before(http3(""), "", server.uri())) {
      H3Client.Setup stranger = new H3Client.Setup().trusting(Pki.of("other.test").root());
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> stranger.within(2).connect(gateway.address()));
      }
      ListenerCounts counts = gateway.listeners().getFirst().counts();
      RunningGateway.await(() -> counts.handshakes() == 0 && counts.http3Connections() == 0);
      assertThat(gateway.abuses(Abuse.HANDSHAKES)).isEqualTo(3);
    }
  }

  @Test
  void itIsOpenedAgainWhileItIsBeingClosed() throws Exception {
    var free = new CountDownLatch(1);
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              if (peer.head().contains("/slow")) {
                free.await();
              }
              peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            });
        RunningGateway gateway = RunningGateway.before(http3(""), "", server.uri());
        H3Client before = site.client().connect(gateway.address())) {
      H3Client.Call slow = before.get("/slow");
      RunningGateway.await(() -> server.open() == 1);
      gateway.apply(site.tls(), "", server.uri());
      assertThatThrownBy(() -> site.client().within(1).connect(gateway.address()));
      gateway.apply(http3(""), "", server.uri());
      try (H3Client after = site.client().connect(gateway.address())) {
        assertThat(after.get("/").answer().status()).isEqualTo(200);
      }
      free.countDown();
      assertThat(slow.answer().status()).isEqualTo(200);
    }
  }

  @Test
  void clientsGetTheCertificateOfTheNameThatTheyAskFor(@TempDir Path folder) throws Exception {
    Pki one = Pki.of("one.test");
    Pki many = Pki.of("*.many.test");
    String both =
        "tls { certificates = [ %s, %s ] }"
            .formatted(files(one, folder, "one"), files(many, folder, "many"));
    try (ScriptedServer server = server();
        RunningGateway gateway =
            RunningGateway.before(both + ", http3.enabled = true", "", server.uri())) {
      assertThat(shown(one, "one.test", gateway)).isEqualTo(one.server().certificate());
      assertThat(shown(many, "a.many.test", gateway)).isEqualTo(many.server().certificate());
      assertThat(shown(one, "other.test", gateway)).isEqualTo(one.server().certificate());
      try (H3Client before = connect(many, "a.many.test", gateway)) {
        String later = "tls { certificates = [ %s ] }".formatted(files(one, folder, "one"));
        gateway.apply(later + ", http3.enabled = true", "", server.uri());
        assertThat(shown(one, "a.many.test", gateway)).isEqualTo(one.server().certificate());
        assertThat(before.get("/").answer().status()).isEqualTo(200);
      }
    }
  }

  private static String files(Pki pki, Path folder, String name) throws Exception {
    KeyedCertificate.PemFiles files = pki.server().writeTo(folder, name);
    return "{ certificate = \"%s\", key = \"%s\" }".formatted(files.chain(), files.key());
  }

  private static H3Client connect(Pki pki, String name, RunningGateway gateway) throws Exception {
    return new H3Client.Setup()
        .trusting(pki.root())
        .tls(each -> each.endpointIdentificationAlgorithm(""))
        .name(name)
        .connect(gateway.address());
  }

  private static X509Certificate shown(Pki pki, String name, RunningGateway gateway)
      throws Exception {
    try (H3Client client = connect(pki, name, gateway)) {
      assertThat(client.get("/").answer().status()).isEqualTo(200);
      return (X509Certificate)
          client.connection().sslEngine().getSession().getPeerCertificates()[0];
    }
  }

  @Test
  void clientsShowCertificatesWhereTheyAreAsked(@TempDir Path folder) throws Exception {
    Pki pki = Pki.of("localhost");
    Path root = folder.resolve("clients.pem");
    java.nio.file.Files.writeString(
        root, new KeyedCertificate(pki.server().key(), List.of(pki.clientRoot())).chainPem());
    TestSite asking =
        TestSite.make(
            pki,
            ", client-certificates { verify = required, trusted-certificates = \"%s\" }"
                .formatted(root));
    KeyedCertificate own = pki.newClient("somebody");
    try (ScriptedServer server = server();
        RunningGateway gateway = RunningGateway.before(asking.listener(""), "", server.uri())) {
      try (H3Client client =
          asking
              .client()
              .tls(each ->
                  each.keyManager(own.key(), null, own.chain().toArray(X509Certificate[]::new)))
              .connect(gateway.address())) {
        assertThat(client.get("/").answer().status()).isEqualTo(200);
        assertThat(server.heads().getFirst()).contains("Client-Cert: :");
      }
      try (H3Client stranger = asking.client().connect(gateway.address())) {
        stranger.get("/");
        stranger.awaitClosed();
      } catch (java.util.concurrent.ExecutionException e) {
        // The handshake was refused at once.
      }
      assertThat(server.heads()).hasSize(1);
      RunningGateway.await(() -> gateway.abuses(Abuse.HANDSHAKES) == 1);
    }
  }

  @Test
  void earlyDataIsNotTaken() throws Exception {
    try (ScriptedServer server = server();
        RunningGateway gateway = RunningGateway.before(site.listener(""), "", server.uri())) {
      QuicSslContext remembers = site.client().tls(each -> each.earlyData(true)).context();
      for (int i = 0; i < 2; i++) {
        try (H3Client client =
            site.client().context(remembers).early("POST /early").connect(gateway.address())) {
          assertThat(client.early()).isEmpty();
          assertThat(client.get("/" + i).answer().status()).isEqualTo(200);
        }
      }
      assertThat(server.heads()).hasSize(2);
    }
  }

  @Test
  void earlyRequestsGoOnBeforeTheHandshakeIsOverWhereTheyOnlyAsk() throws Exception {
    try (ScriptedServer server = server();
        RunningGateway gateway =
            RunningGateway.before(http3("early-data = true"), "", server.uri())) {
      QuicSslContext remembers = site.client().tls(each -> each.earlyData(true)).context();
      String[] requests = {"GET /asks", "POST /does", "HEAD /asks-too"};
      try (Relay relay = new Relay(gateway.address())) {
        remember(remembers, relay.address(), "/first");
        relay.holdFinished();
        H3Client client = site.client().context(remembers).early(requests).connect(relay.address());
        assertThat(client.early().get(0).answer().status()).isEqualTo(200);
        assertThat(client.early().get(2).answer().status()).isEqualTo(200);
        assertThat(server.heads()).hasSize(3);
        assertThat(gateway.listeners().getFirst().counts().handshakes()).isEqualTo(1);
        relay.release();
        assertThat(client.early().get(1).answer().status()).isEqualTo(200);
        assertThat(client.get("/later").answer().status()).isEqualTo(200);
        client.close();
      }
      assertThat(server.heads().get(0)).startsWith("GET /first ").doesNotContain("Early-Data");
      assertThat(server.heads().subList(1, 3))
          .anyMatch(each -> each.startsWith("GET /asks "))
          .anyMatch(each -> each.startsWith("HEAD /asks-too "))
          .allMatch(each -> each.contains("Early-Data: 1\r\n"));
      assertThat(server.heads().get(3)).startsWith("POST /does ").doesNotContain("Early-Data");
      assertThat(server.heads().get(4)).startsWith("GET /later ").doesNotContain("Early-Data");
      assertThat(gateway.listeners().getFirst().counts().early(false)).isEqualTo(2);
      assertThat(gateway.listeners().getFirst().counts().early(true)).isEqualTo(1);
      assertThat(gateway.records(5))
          .allSatisfy(line ->
              assertThat(line.contains("\"early\":true")).isEqualTo(line.contains("/asks")));
    }
  }

  /// Has a client come once, so that it may send early the next time.
  private static void remember(QuicSslContext client, InetSocketAddress address, String path)
      throws Exception {
    try (H3Client first = site.client().context(client).connect(address)) {
      assertThat(first.get(path).answer().status()).isEqualTo(200);
    }
  }

  @Test
  void aServerMayTakeOffenceAtAnEarlyRequestAndARetrySaysSoToo() throws Exception {
    ScriptedServer.Script script =
        (peer, number) -> {
          for (String head = peer.head(); !head.isEmpty(); head = peer.head()) {
            if (head.contains("/lost") && number < 3) {
              return;
            }
            peer.send(
                head.contains("Early-Data: 1") && head.contains("/dear")
                    ? "HTTP/1.1 425 Too Early\r\nContent-Length: 0\r\n\r\n"
                    : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
          }
        };
    try (ScriptedServer server = new ScriptedServer(script);
        ScriptedServer other = new ScriptedServer(script);
        RunningGateway gateway =
            RunningGateway.before(http3("early-data = true"), "", server.uri(), other.uri());
        Relay relay = new Relay(gateway.address())) {
      QuicSslContext remembers = site.client().tls(each -> each.earlyData(true)).context();
      remember(remembers, relay.address(), "/");
      relay.holdFinished();
      try (H3Client client =
          site.client()
              .context(remembers)
              .early("GET /dear", "GET /lost")
              .connect(relay.address())) {
        assertThat(client.early().get(0).answer().status()).isEqualTo(425);
        client.early().get(1).answer();
        relay.release();
        assertThat(client.get("/dear").answer().status()).isEqualTo(200);
      }
      List<String> lost = new java.util.ArrayList<>(server.heads());
      lost.addAll(other.heads());
      lost.removeIf(each -> !each.contains("/lost"));
      assertThat(lost).hasSizeGreaterThan(1).allMatch(each -> each.contains("Early-Data: 1"));
    }
  }

  @Test
  void whatAClientSaysOfEarlyDataIsPassedOn() throws Exception {
    try (ScriptedServer server = server();
        RunningGateway gateway =
            RunningGateway.before(http3("early-data = true"), "", server.uri());
        Relay relay = new Relay(gateway.address())) {
      QuicSslContext remembers = site.client().tls(each -> each.earlyData(true)).context();
      try (H3Client client = site.client().context(remembers).connect(relay.address())) {
        client.get("/", "early-data: 1").answer();
      }
      relay.holdFinished();
      String early = "early-data: 0\nearly-data: 1";
      try (H3Client client =
          site.client().context(remembers).early("GET /\n" + early).connect(relay.address())) {
        assertThat(client.early().getFirst().answer().status()).isEqualTo(200);
        relay.release();
      }
      assertThat(server.heads().get(0)).contains("early-data: 1\r\n").doesNotContain("Early-Data");
      assertThat(server.heads().get(1)).contains("Early-Data: 1\r\n").doesNotContain("early-data");
    }
  }

  @Test
  void aTicketOfOtherPromisesBringsNothingEarly(@TempDir Path folder) throws Exception {
    Path key = folder.resolve("ticket.key");
    java.nio.file.Files.write(key, new byte[48]);
    TestSite shared =
        TestSite.make(site.pki(), ", session-tickets.key-files = [ \"%s\" ]".formatted(key));
    try (ScriptedServer server = server();
        RunningGateway gateway = RunningGateway.before(shared.listener(""), "", server.uri());
        Relay relay = new Relay(gateway.address())) {
      QuicSslContext remembers = shared.client().tls(each -> each.earlyData(true)).context();
      // What is told of streams holds as long as the socket is open; of sizes, at once.
      for (String size : List.of("32KiB", "32KiB", "16KiB")) {
        relay.holdFinished();
        gateway.apply(
            shared.listener(
                "http3 { early-data = true, max-streams = 64 }, limits.header-size = " + size),
            "",
            server.uri());
        try (H3Client client =
            shared.client().context(remembers).early("GET /" + size).connect(relay.address())) {
          if (server.heads().size() == 1) {
            client.early().getFirst().answer();
          }
          relay.release();
          assertThat(client.get("/end").answer().status()).isEqualTo(200);
        }
      }
      List<String> heads = new java.util.ArrayList<>(server.heads());
      heads.removeIf(each -> !each.contains("Early-Data: 1"));
      assertThat(heads).singleElement().asString().startsWith("GET /32KiB ");
    }
  }

  @Test
  void whatCannotBeIsRefusedWithTheReason() throws Exception {
    try (ScriptedServer server = server()) {
      assertThatThrownBy(() -> RunningGateway.before("http3.enabled = true", "", server.uri()))
          .isInstanceOf(InvalidConfigException.class)
          .hasMessageContaining("http3.enabled")
          .hasMessageContaining("tls.certificates");
      assertThatThrownBy(() ->
              RunningGateway.before(
                  site.listener("proxy-protocol.from = [\"10.0.0.0/8\"]"), "", server.uri()))
          .isInstanceOf(InvalidConfigException.class)
          .hasMessageContaining("past the fronts");
      Path root = java.nio.file.Files.createTempFile("clients", ".pem");
      java.nio.file.Files.writeString(
          root,
          new KeyedCertificate(site.pki().server().key(), List.of(site.pki().clientRoot()))
              .chainPem());
      TestSite asking =
          TestSite.make(
              site.pki(),
              ", client-certificates { verify = optional, trusted-certificates = \"%s\" }"
                  .formatted(root));
      assertThatThrownBy(() ->
              RunningGateway.before(asking.listener("http3.early-data = true"), "", server.uri()))
          .isInstanceOf(InvalidConfigException.class)
          .hasMessageContaining("http3.early-data")
          .hasMessageContaining("client-certificates");
    }
  }

  @Test
  void aReloadTurnsItOnAndOff() throws Exception {
    try (ScriptedServer server = server();
        RunningGateway gateway = RunningGateway.before(site.tls(), "", server.uri())) {
      InetSocketAddress address = gateway.address();
      try (DatagramSocket taken =
          new DatagramSocket(address.getPort(), InetAddress.getLoopbackAddress())) {
        assertThatThrownBy(() -> gateway.apply(site.listener(""), "", server.uri()))
            .hasMessageContaining("UDP port " + taken.getLocalPort());
      }
      gateway.apply(site.listener(""), "", server.uri());
      try (H3Client client = site.client().connect(address)) {
        assertThat(client.get("/").answer().status()).isEqualTo(200);
        gateway.apply(site.tls(), "", server.uri());
        RunningGateway.await(() -> client.goAways().size() == 2);
        client.awaitClosed();
      }
      RunningGateway.await(() -> isFree(address.getPort()));
    }
  }

  private static boolean isFree(int port) {
    try (DatagramSocket probe = new DatagramSocket(port, InetAddress.getLoopbackAddress())) {
      return probe.isBound();
    } catch (java.net.SocketException e) {
      return false;
    }
  }
}
