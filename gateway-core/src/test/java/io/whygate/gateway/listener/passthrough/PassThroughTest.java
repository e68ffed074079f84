package io.whygate.gateway.listener.passthrough;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.tls.Pki;
import io.whygate.gateway.RawClient;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import io.whygate.gateway.listener.client.Abuse;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Connections that are passed on as they are: to the server that their greeting names, or,
/// whatever they speak, to one.
class PassThroughTest {
  private static final Pki A = Pki.of("a.example");
  private static final Pki B = Pki.of("b.example");

  private static final String PLAIN = "pass-through.upstream = one";

  /// @param port where the upstream `one` is
  private static RunningGateway to(int port, String listener, String upstream) throws Exception {
    return RunningGateway.of(settings(port, listener, upstream));
  }

  private static String settings(int port, String listener, String upstream) {
    return """
    listeners = [ { bind = "127.0.0.1:0", %s } ]
    upstreams { one { endpoints = ["tcp://127.0.0.1:%d"], %s } }
    """
        .formatted(listener, port, upstream);
  }

  private static RunningGateway byName(FaultyServer a, FaultyServer b, String others)
      throws Exception {
    return RunningGateway.of(
        """
        listeners = [ { bind = "127.0.0.1:0", pass-through {
          routes = [ { sni = "a.example", upstream = a }, { sni = "*.b.example", upstream = b } ]
          %s } } ]
        upstreams {
          a { endpoints = ["tcp://127.0.0.1:%d"] }
          b { endpoints = ["tcp://localhost:%d"] }
        }
        """
            .formatted(others, a.port(), b.port()));
  }

  /// The status line that a server gives to a client that trusts it and asks for a name.
  private static String ask(RunningGateway gateway, Pki trusted, String name) throws IOException {
    try (Socket plain = socket(gateway);
        SSLSocket tls =
            (SSLSocket)
                trusted.clientContext().getSocketFactory().createSocket(plain, name, 443, true)) {
      tls.getOutputStream()
          .write(
              "GET /bytes/3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".getBytes(ISO_8859_1));
      String answer = new String(tls.getInputStream().readAllBytes(), ISO_8859_1);
      return answer.substring(0, answer.indexOf('\r'));
    }
  }

  private static Socket socket(RunningGateway gateway) throws IOException {
    Socket socket = new Socket(gateway.address().getAddress(), gateway.address().getPort());
    socket.setSoTimeout(60_000);
    return socket;
  }

  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  @Test
  void aNameLeadsToItsServer() throws Exception {
    try (FaultyServer a = FaultyServer.startTls(A);
        FaultyServer b = FaultyServer.startTls(B);
        RunningGateway gateway = byName(a, b, "upstream = a")) {
      assertThat(ask(gateway, A, "a.example")).isEqualTo("HTTP/1.1 200 OK");
      assertThat(ask(gateway, B, "x.b.example")).isEqualTo("HTTP/1.1 200 OK");
      assertThat(ask(gateway, B, "x.y.b.example")).isEqualTo("HTTP/1.1 200 OK");
      assertThat(ask(gateway, A, "b.example")).isEqualTo("HTTP/1.1 200 OK");
      assertThat(ask(gateway, A, "127.0.0.1")).as("no name").isEqualTo("HTTP/1.1 200 OK");
      assertThat(gateway.records(5))
          .allSatisfy(line ->
              assertThat(line)
                  .contains("\"protocol\":\"TLS\"", "\"scheme\":\"tls\"", "\"status\":101"))
          .anySatisfy(
              line -> assertThat(line).contains("\"host\":\"x.b.example\"", "\"upstream\":\"b\""));
      RunningGateway.await(() -> gateway.outstanding() == 0);
    }
  }

  @Test
  void aNameThatLeadsNowhereIsRefusedByAnAlert() throws Exception {
    try (FaultyServer a = FaultyServer.startTls(A);
        FaultyServer b = FaultyServer.startTls(B);
        RunningGateway gateway = byName(a, b, "")) {
      for (String name : new String[] {"c.example", "127.0.0.1"}) {
        assertThatThrownBy(() -> ask(gateway, A, name))
            .isInstanceOf(SSLException.class)
            .hasMessageContaining("unrecognized_name");
      }
      assertThat(gateway.records(2))
          .allSatisfy(line -> assertThat(line).contains("\"status\":404", "\"response_bytes\":0"));
      assertThat(a.openConnections() + b.openConnections()).isZero();
    }
  }

  @Test
  void aServerThatIsDownIsExaminedAndTheClientToldByAnAlert() throws Exception {
    try (RunningGateway gateway =
        to(closedPort(), "pass-through.routes = [ { sni = \"*.example\", upstream = one } ]", "")) {
      assertThatThrownBy(() -> ask(gateway, A, "a.example"))
          .isInstanceOf(SSLException.class)
          .hasMessageContaining("internal_error");
      String line = gateway.records(1).getFirst();
      assertThat(line)
          .contains("\"status\":502", "\"cause\":\"server.port-closed\"", "\"host\":\"a.example\"");
      String incident = line.replaceAll("(?s).*\"incident\":\"([^\"]+)\".*", "$1");
      assertThat(gateway.document(incident)).contains("server.port-closed", "tcp://127.0.0.1:");
    }
  }

  @Test
  void aClientOfAnotherProtocolIsResetWhereItsServerIsDown() throws Exception {
    try (RunningGateway gateway = to(closedPort(), PLAIN, "");
        Socket client = socket(gateway)) {
      assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
      assertThat(gateway.records(1).getFirst())
          .contains("\"protocol\":\"TCP\"", "\"cause\":\"server.port-closed\"");
    }
  }

  @Test
  void anotherServerIsTriedWhereOneIsDown() throws Exception {
    try (FaultyServer a = FaultyServer.startTls(A);
        RunningGateway gateway =
            RunningGateway.of(
                """
                listeners = [ { bind = "127.0.0.1:0", pass-through.upstream = both } ]
                upstreams { both {
                  endpoints = ["tcp://127.0.0.1:%d", "tcp://127.0.0.1:%d"], balance = round-robin } }
                """
                    .formatted(closedPort(), a.port()))) {
      for (int i = 0; i < 4; i++) {
        assertThat(ask(gateway, A, "a.example")).isEqualTo("HTTP/1.1 200 OK");
      }
      assertThat(gateway.records(4)).anySatisfy(line -> assertThat(line).contains("refused"));
    }
  }

  @Test
  void aServerMaySpeakFirstAndEachDirectionEndsByItself() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              peer.send("220 hello\r\n");
              byte[] all = peer.in().readAllBytes();
              peer.send(all.length + " bytes, goodbye\r\n");
            });
        RunningGateway gateway = to(server.uri().getPort(), PLAIN, "");
        RawClient client = gateway.client()) {
      assertThat(client.bytes(11)).isEqualTo("220 hello\r\n");
      client.send("x".repeat(300_000)).endOutput();
      assertThat(new String(client.in().readAllBytes(), ISO_8859_1))
          .isEqualTo("300000 bytes, goodbye\r\n");
      assertThat(gateway.records(1).getFirst())
          .contains("\"request_bytes\":300000", "\"outcome\":\"completed\"");
      RunningGateway.await(() -> gateway.outstanding() == 0);
    }
  }

  @Test
  void aServerThatIsFasterThanItsClientIsHeldBack() throws Exception {
    int size = 60_000_000;
    AtomicLong sent = new AtomicLong();
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              String piece = "x".repeat(10_000);
              while (sent.get() < size) {
                peer.send(piece);
                sent.addAndGet(piece.length());
              }
            });
        RunningGateway gateway = to(server.uri().getPort(), PLAIN, "");
        RawClient client = new RawClient(gateway.address(), 16_384)) {
      long before = -1;
      while (before < 0 || sent.get() != before) {
        before = sent.get();
        LockSupport.parkNanos(Duration.ofMillis(400).toNanos());
      }
      assertThat(before).isLessThan(size);
      assertThat(client.in().skip(size)).isEqualTo(size);
      assertThat(client.isEnded()).isTrue();
    }
  }

  @Test
  void aClientThatIsFasterThanItsServerIsHeldBack() throws Exception {
    int size = 60_000_000;
    CountDownLatch reads = new CountDownLatch(1);
    AtomicLong sent = new AtomicLong();
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              reads.await();
              peer.send(peer.in().readAllBytes().length + "");
            });
        RunningGateway gateway = to(server.uri().getPort(), PLAIN, "");
        RawClient client = gateway.client()) {
      Thread upload =
          Thread.ofVirtual()
              .start(() -> {
                String piece = "x".repeat(10_000);
                try {
                  while (sent.get() < size) {
                    client.send(piece);
                    sent.addAndGet(piece.length());
                  }
                  client.endOutput();
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      long before = -1;
      while (before < 0 || sent.get() != before) {
        before = sent.get();
        LockSupport.parkNanos(Duration.ofMillis(400).toNanos());
      }
      assertThat(before).isLessThan(size);
      reads.countDown();
      assertThat(new String(client.in().readAllBytes(), ISO_8859_1)).isEqualTo("" + size);
      upload.join();
    }
  }

  @Test
  void aConnectionInWhichNothingPassesIsEnded() throws Exception {
    try (ScriptedServer server = new ScriptedServer((peer, _) -> peer.in().readAllBytes());
        RunningGateway gateway =
            to(server.uri().getPort(), PLAIN + ", timeouts.tunnel = 300ms", "");
        RawClient client = gateway.client()) {
      client.send("x");
      assertThat(isEnded(client)).isTrue();
      RunningGateway.await(() -> gateway.outstanding() == 0);
    }
  }

  private static boolean isEnded(RawClient client) {
    try {
      return client.in().read() < 0;
    } catch (IOException e) {
      return !(e instanceof SocketTimeoutException);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\n\r\n",
        "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003",
        ""
      })
  void whatIsNoGreetingOfTlsEndsTheConnection(String bytes) throws Exception {
    try (FaultyServer a = FaultyServer.startTls(A);
        FaultyServer b = FaultyServer.startTls(B);
        RunningGateway gateway = byName(a, b, "upstream = a }, timeouts { handshake = 300ms");
        RawClient client = gateway.client()) {
      client.send(bytes);
      assertThat(isEnded(client)).isTrue();
      RunningGateway.await(() -> gateway.abuses(Abuse.HANDSHAKES) == 1);
      assertThat(a.openConnections()).isZero();
    }
  }

  private static byte[] greeting(String name) throws SSLException {
    SSLEngine engine = A.clientContext().createSSLEngine(name, 443);
    engine.setUseClientMode(true);
    ByteBuffer out = ByteBuffer.allocate(32_768);
    engine.wrap(ByteBuffer.allocate(0), out);
    return Arrays.copyOf(out.array(), out.position());
  }

  @Test
  void aGreetingMayComeByteByByteAndHasItsLength() throws Exception {
    byte[] greeting = greeting("a.example");
    try (FaultyServer a = FaultyServer.startTls(A);
        FaultyServer b = FaultyServer.startTls(B)) {
      try (RunningGateway gateway = byName(a, b, "");
          RawClient client = gateway.client()) {
        for (byte each : greeting) {
          client.socket().getOutputStream().write(each);
        }
        assertThat(client.in().read()).as("a record of the server's handshake").isEqualTo(22);
      }
      try (RunningGateway gateway = byName(a, b, "}, limits { header-size = 256B");
          RawClient client = gateway.client()) {
        client.socket().getOutputStream().write(greeting);
        assertThat(isEnded(client)).isTrue();
        assertThat(gateway.abuses(Abuse.HANDSHAKES)).isEqualTo(1);
      }
    }
  }

  @Test
  void theServerIsToldWhoseConnectionItIs() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              String line = "";
              while (!line.endsWith("\r\n")) {
                line += (char) peer.in().read();
              }
              peer.send(line);
            });
        RunningGateway gateway = to(server.uri().getPort(), PLAIN, "proxy-protocol = v1");
        RawClient client = gateway.client()) {
      client.send("x");
      int port = client.socket().getLocalPort();
      assertThat(new String(client.in().readAllBytes(), ISO_8859_1))
          .isEqualTo(
              "PROXY TCP4 127.0.0.1 127.0.0.1 %d %d\r\n"
                  .formatted(port, gateway.address().getPort()));
    }
  }

  @Test
  void aServerHasAsManyConnectionsAsItMayHave() throws Exception {
    try (ScriptedServer server = new ScriptedServer((peer, _) -> peer.serve());
        RunningGateway gateway =
            to(server.uri().getPort(), PLAIN, "pool { max-connections = 1, max-pending = 0 }");
        RawClient first = gateway.client()) {
      assertThat(first.get("/").answer().status()).isEqualTo(200);
      try (RawClient second = gateway.client()) {
        assertThat(isEnded(second)).isTrue();
      }
      assertThat(gateway.records(1).getFirst())
          .contains("\"status\":503", "\"cause\":\"gateway.pool-exhausted\"");
      assertThat(first.get("/").answer().status()).isEqualTo(200);
    }
  }

  @Test
  void aReloadLeavesOpenConnectionsWhereTheyAre() throws Exception {
    try (ScriptedServer before = new ScriptedServer((peer, _) -> peer.serve());
        ScriptedServer after = new ScriptedServer((peer, _) -> peer.send("after"));
        RunningGateway gateway = to(before.uri().getPort(), PLAIN, "");
        RawClient open = gateway.client()) {
      assertThat(open.get("/").answer().body()).isEqualTo("ok");
      gateway.apply(
          settings(after.uri().getPort(), "pass-through.upstream = two", "")
              .replace("{ one {", "{ two {"));
      assertThat(open.get("/").answer().body()).isEqualTo("ok");
      try (RawClient client = gateway.client()) {
        assertThat(new String(client.in().readAllBytes(), ISO_8859_1)).isEqualTo("after");
      }
      assertThat(open.get("/").answer().body()).isEqualTo("ok");
    }
  }

  @Test
  void aCheckOfHealthIsAConnection() throws Exception {
    try (ScriptedServer server = new ScriptedServer((peer, _) -> peer.serve());
        RunningGateway gateway =
            RunningGateway.of(
                """
                listeners = [ { bind = "127.0.0.1:0", pass-through.upstream = both } ]
                upstreams { both {
                  endpoints = ["tcp://127.0.0.1:%d", "tcp://127.0.0.1:%d"]
                  health { enabled = true, interval = 100ms, unhealthy-after = 1 } } }
                """
                    .formatted(closedPort(), server.uri().getPort()))) {
      RunningGateway.await(() -> gateway.unhealthy() == 1 && server.accepted() > 2);
      assertThat(server.heads()).isEmpty();
      try (RawClient client = gateway.client()) {
        assertThat(client.get("/").answer().status()).isEqualTo(200);
      }
    }
  }

  @Test
  void aClientThatLeavesWhileItsServerIsDialledLeavesNothingBehind() throws Exception {
    try (FaultyServer server = FaultyServer.start();
        RunningGateway gateway = to(server.port(), PLAIN, "connect-timeout = 60s")) {
      server.fault(new Fault.BacklogFull());
      try (RawClient client = gateway.client()) {
        client.send("x");
        RunningGateway.await(() -> gateway.outstanding() == 1);
        client.socket().setSoLinger(true, 0);
      }
      RunningGateway.await(() -> gateway.outstanding() == 0);
      assertThat(gateway.records(1).getFirst()).contains("\"outcome\":\"abandoned\"");
    }
  }

  @Test
  void whatIsPassedOnIsWhole() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              InputStream in = peer.in();
              in.transferTo(peer.socket().getOutputStream());
            });
        RunningGateway gateway = to(server.uri().getPort(), PLAIN, "");
        RawClient client = gateway.client()) {
      byte[] bytes = new byte[2_000_000];
      new Random(1).nextBytes(bytes);
      Thread upload =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  client.socket().getOutputStream().write(bytes);
                  client.endOutput();
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      assertThat(client.in().readAllBytes()).isEqualTo(bytes);
      upload.join();
    }
  }
}
