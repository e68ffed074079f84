package io.whygate.gateway.listener;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.faults.tls.Pki;
import io.whygate.gateway.RawClient;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import io.whygate.gateway.listener.client.Abuse;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Clients that come by a front, which says by the PROXY protocol who they are.
class ProxyProtocolTest {
  private static final String FRONT = "proxy-protocol { from = [\"127.0.0.0/8\"] }";
  private static final String ELSEWHERE = "from = [\"192.0.2.0/24\"]";
  private static final String LINE = "PROXY TCP4 203.0.113.9 198.51.100.1 40000 443\r\n";
  private static final String SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";
  private static final String CLIENT = "\"client\":\"203.0.113.9\"";
  private static final String PLAIN = "http/1.1 200";

  private static String binary(String hex) {
    return SIGNATURE + new String(HexFormat.of().parseHex(hex.replace(" ", "")), ISO_8859_1);
  }

  private static ScriptedServer server() throws IOException {
    return new ScriptedServer((peer, _) -> peer.serve());
  }

  private static RunningGateway gateway(String listener, ScriptedServer server) throws Exception {
    return RunningGateway.before(listener, "", server.uri());
  }

  /// What the server was told of a client with this header before its request.
  private static String told(String listener, String header) throws Exception {
    try (ScriptedServer server = server();
        RunningGateway gateway = gateway(listener, server);
        RawClient client = gateway.client()) {
      assertThat(client.send(header).get("/").answer().status()).isEqualTo(200);
      return server.heads().getFirst();
    }
  }

  private static boolean isClosed(RawClient client) {
    try {
      return client.in().read() < 0;
    } catch (IOException e) {
      return !(e instanceof SocketTimeoutException);
    }
  }

  @Test
  void whatItSaysIsTheClientsAddressEverywhere() throws Exception {
    try (ScriptedServer server = server();
        RunningGateway gateway = gateway(FRONT, server);
        RawClient client = gateway.client()) {
      // What the client says of itself is no more believed than without a front.
      client.send(LINE + "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.66\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(200);
      assertThat(client.get("/again").answer().status()).isEqualTo(200);
      assertThat(server.heads())
          .hasSize(2)
          .allSatisfy(head ->
              assertThat(head)
                  .contains(
                      "X-Forwarded-For: 203.0.113.9\r\n",
                      "X-Real-IP: 203.0.113.9\r\n",
                      "X-Forwarded-Proto: http\r\n",
                      "Forwarded: for=203.0.113.9;"));
      assertThat(gateway.records(2)).allSatisfy(line -> assertThat(line).contains(CLIENT));
      assertThat(gateway.abuses(Abuse.PROXY_HEADERS)).isZero();
    }
  }

  @Test
  void splitByteByByte() throws Exception {
    String version2 = binary("2111 000c cb007109 c6336401 9c40 01bb");
    for (String header : new String[] {LINE, version2}) {
      try (ScriptedServer server = server();
          RunningGateway gateway = gateway(FRONT, server);
          RawClient client = gateway.client()) {
        OutputStream out = client.socket().getOutputStream();
        for (byte each : (header + "GET / HTTP/1.1\r\nHost: a\r\n\r\n").getBytes(ISO_8859_1)) {
          out.write(each);
          out.flush();
        }
        assertThat(client.answer().status()).isEqualTo(200);
        assertThat(server.heads().getFirst()).contains("X-Forwarded-For: 203.0.113.9\r\n");
      }
    }
  }

  @Test
  void eachFamily() throws Exception {
    assertThat(told(FRONT, "PROXY TCP6 2001:db8::9 2001:db8::1 40000 443\r\n"))
        .contains("X-Forwarded-For: 2001:db8:0:0:0:0:0:9\r\n");
    assertThat(told(FRONT, "PROXY UNKNOWN\r\n")).contains("X-Forwarded-For: 127.0.0.1\r\n");
    assertThat(told(FRONT, binary("2000 0000"))).contains("X-Forwarded-For: 127.0.0.1\r\n");
  }

  @Test
  void aClientOfAUnixSocketHasNoAddress() throws Exception {
    try (ScriptedServer server = server();
        RunningGateway gateway = gateway(FRONT, server);
        RawClient client = gateway.client()) {
      client.send(binary("2131 00d8" + "00".repeat(216))).get("/").answer();
      assertThat(server.heads().getFirst())
          .contains("X-Forwarded-For: unknown\r\n", "Forwarded: for=unknown;");
      assertThat(gateway.records(1).getFirst()).contains("\"client\":\"unix:\"");
    }
  }

  @Test
  void theClientSpokeTlsToTheFront() throws Exception {
    String head = "2111 0014 cb007109 c6336401 9c40 01bb 200005 ";
    assertThat(told(FRONT, binary(head + "01 00000000")))
        .contains("X-Forwarded-Proto: https\r\n", ";proto=https");
    assertThat(told(FRONT, binary(head + "00 00000000"))).contains("X-Forwarded-Proto: http\r\n");
  }

  /// By HAProxy's `proxy-v2-options unique-id`, say; a NOOP, a name and a protocol stand beside it.
  @Test
  void theFrontsNameOfTheConnectionIsInTheAccessLog() throws Exception {
    String noop = "040003 000000";
    String authority = "020001 61";
    String alpn = "010002 6832";
    for (String id : new String[] {"6331 2e37", "00ff 2e37"}) {
      String block = "cb007109 c6336401 9c40 01bb" + noop + authority + alpn + "050004" + id;
      try (ScriptedServer server = server();
          RunningGateway gateway = gateway(FRONT, server);
          RawClient client = gateway.client()) {
        client.send(binary("2111 0022" + block)).get("/").answer();
        client.get("/again").answer();
        String said = id.startsWith("00") ? "00ff2e37" : "c1.7";
        assertThat(gateway.records(2))
            .allSatisfy(line -> assertThat(line).contains("\"front_id\":\"" + said + "\""));
      }
    }
    try (ScriptedServer server = server();
        RunningGateway gateway = gateway(FRONT, server);
        RawClient client = gateway.client()) {
      client.send(LINE).get("/").answer();
      assertThat(gateway.records(1).getFirst()).doesNotContain("front_id");
    }
  }

  @Test
  void itIsWhoIsTrustedToForward() throws Exception {
    String forwarded = "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.66\r\n\r\n";
    String trusting = FRONT + ", trusted-proxies = [\"203.0.113.0/24\"]";
    try (ScriptedServer server = server();
        RunningGateway gateway = gateway(trusting, server)) {
      try (RawClient client = gateway.client()) {
        client.send(LINE + forwarded).answer();
        assertThat(server.heads().getFirst())
            .contains("X-Forwarded-For: 192.0.2.66, 203.0.113.9\r\n", "X-Real-IP: 192.0.2.66\r\n");
      }
      // The front itself is not trusted by what it forwards of others.
      try (RawClient client = gateway.client()) {
        client.send(LINE.replace("203.0.113.9", "198.51.100.66") + forwarded).answer();
        assertThat(server.heads().getLast()).contains("X-Forwarded-For: 198.51.100.66\r\n");
      }
    }
  }

  @Test
  void itCountsForTheLimitOfConnections() throws Exception {
    try (ScriptedServer server = server();
        RunningGateway gateway = gateway(FRONT + ", limits { connections = 1 }", server);
        RawClient first = gateway.client();
        RawClient second = gateway.client();
        RawClient other = gateway.client()) {
      assertThat(first.send(LINE).get("/").answer().status()).isEqualTo(200);
      second.send(LINE).get("/");
      assertThat(isClosed(second)).isTrue();
      assertThat(gateway.abuses(Abuse.CONNECTIONS)).isEqualTo(1);
      String another = LINE.replace("203.0.113.9", "203.0.113.10");
      assertThat(other.send(another).get("/").answer().status()).isEqualTo(200);
      first.socket().close();
      RunningGateway.await(() -> isServed(gateway));
    }
  }

  private static boolean isServed(RunningGateway gateway) {
    try (RawClient client = gateway.client()) {
      return client.send(LINE).get("/").answer().status() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void http2WithPriorKnowledge() throws Exception {
    try (ScriptedServer server = server();
        RunningGateway gateway = gateway(FRONT, server);
        RawClient client = gateway.client()) {
      client.send(LINE + "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\0\0\0\4\0\0\0\0\0");
      byte[] settings = client.in().readNBytes(9);
      assertThat(settings[3]).as("SETTINGS").isEqualTo((byte) 4);
      assertThat(gateway.http2Connections()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "PROXY TCP4 203.0.113.9 198.51.100.1 40000\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "PROXY TCP4 999.0.113.9 198.51.100.1 40000 443\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        SIGNATURE + "\u0011\u0011\0\f" + "xxxxxxxxxxxx",
        SIGNATURE + "!\u0011\0\u0004" + "xxxx",
        SIGNATURE + "!\u0011\u00ff\u00ff",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003",
      })
  void whatIsNoHeaderClosesTheConnection(String bytes) throws Exception {
    try (ScriptedServer server = server();
        RunningGateway gateway = gateway(FRONT, server);
        RawClient client = gateway.client()) {
      client.send(bytes);
      assertThat(isClosed(client)).isTrue();
      assertThat(gateway.abuses(Abuse.PROXY_HEADERS)).isEqualTo(1);
      assertThat(server.accepted()).isZero();
    }
  }

  @Test
  void aHeaderThatIsCutShortIsNone() throws Exception {
    try (ScriptedServer server = server();
        RunningGateway gateway = gateway(FRONT, server);
        RawClient client = gateway.client();
        RawClient silent = gateway.client()) {
      silent.endOutput();
      assertThat(isClosed(silent)).isTrue();
      assertThat(gateway.abuses(Abuse.PROXY_HEADERS)).as("a check of the port").isZero();
      client.send("PROXY TCP4 203").endOutput();
      assertThat(isClosed(client)).isTrue();
      RunningGateway.await(() -> gateway.abuses(Abuse.PROXY_HEADERS) == 1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "PROXY TCP4 203.0.113.9", SIGNATURE})
  void aHeaderHasItsTime(String begun) throws Exception {
    String hurry = FRONT.replace(" }", ", timeout = 200ms }");
    try (ScriptedServer server = server();
        RunningGateway gateway = gateway(hurry, server);
        RawClient client = gateway.client()) {
      client.send(begun);
      assertThat(isClosed(client)).isTrue();
      assertThat(gateway.abuses(Abuse.PROXY_HEADERS)).isEqualTo(1);
    }
  }

  @Test
  void aHeaderHasItsLength() throws Exception {
    String block = "0100" + "ee00f1" + "00".repeat(0xf1);
    String header = binary("2111 " + block.replaceFirst("^0100", "0100cb007109c63364019c4001bb"));
    try (ScriptedServer server = server();
        RunningGateway gateway = gateway(FRONT.replace(" }", ", max-length = 272B }"), server);
        RawClient client = gateway.client();
        RawClient longer = gateway.client()) {
      assertThat(client.send(header).get("/").answer().status()).isEqualTo(200);
      longer.send(header.replace("!\u0011\u0001\0", "!\u0011\u0001\u0001"));
      assertThat(isClosed(longer)).isTrue();
    }
  }

  @Test
  void strangersAreRefused() throws Exception {
    try (ScriptedServer server = server();
        RunningGateway gateway = gateway("proxy-protocol { " + ELSEWHERE + " }", server)) {
      for (String header : new String[] {"", LINE}) {
        try (RawClient client = gateway.client()) {
          boolean closed;
          try {
            client.send(header).get("/");
            closed = isClosed(client);
          } catch (IOException e) {
            closed = true;
          }
          assertThat(closed).isTrue();
        }
      }
      assertThat(gateway.abuses(Abuse.PROXY_HEADERS)).isEqualTo(2);
      assertThat(server.accepted()).isZero();
    }
  }

  @Test
  void strangersAreServedWhereTheyMayBeAndNeverBelieved() throws Exception {
    String serving = "proxy-protocol { " + ELSEWHERE + ", others = serve }";
    assertThat(told(serving, "")).contains("X-Forwarded-For: 127.0.0.1\r\n");
    for (String header : new String[] {LINE, binary("2111 000c cb007109 c6336401 9c40 01bb")}) {
      for (String listener : new String[] {serving, ""}) {
        try (ScriptedServer server = server();
            RunningGateway gateway = gateway(listener, server);
            RawClient client = gateway.client()) {
          assertThat(client.send(header).get("/").answer().status()).isEqualTo(400);
          assertThat(server.accepted()).isZero();
        }
      }
    }
  }

  @Test
  void aReloadHoldsForConnectionsFromThenOn() throws Exception {
    try (ScriptedServer server = server();
        RunningGateway gateway = gateway("", server);
        RawClient before = gateway.client()) {
      assertThat(before.get("/").answer().status()).isEqualTo(200);
      gateway.apply(FRONT, "", server.uri());
      assertThat(before.get("/").answer().status()).isEqualTo(200);
      try (RawClient client = gateway.client()) {
        assertThat(client.send(LINE).get("/").answer().status()).isEqualTo(200);
      }
      assertThat(server.heads().getLast()).contains("X-Forwarded-For: 203.0.113.9\r\n");
    }
  }

  @Test
  void beforeTls(@TempDir Path folder) throws Exception {
    Pki pki = Pki.of("localhost");
    KeyedCertificate.PemFiles files = pki.server().writeTo(folder, "site");
    String tls =
        FRONT
            + ", tls { certificates = [ { certificate = \"%s\", key = \"%s\" } ] }"
                .formatted(files.chain(), files.key());
    try (ScriptedServer server = server();
        RunningGateway gateway = gateway(tls, server);
        Socket socket = new Socket(gateway.address().getAddress(), gateway.address().getPort())) {
      socket.setSoTimeout(60_000);
      socket.getOutputStream().write(LINE.getBytes(ISO_8859_1));
      SSLSocket secured =
          (SSLSocket)
              pki.clientContext().getSocketFactory().createSocket(socket, "localhost", 443, true);
      secured
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".getBytes(ISO_8859_1));
      String answer = new String(secured.getInputStream().readAllBytes(), ISO_8859_1);
      assertThat(answer.toLowerCase(Locale.ROOT)).startsWith(PLAIN);
      assertThat(server.heads().getFirst())
          .contains("X-Forwarded-For: 203.0.113.9\r\n", "X-Forwarded-Proto: https\r\n");
      assertThat(gateway.records(1).getFirst()).contains(CLIENT);
    }
  }
}
