package io.whygate.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.e2e.lab.Await;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.H3Bytes;
import io.whygate.e2e.lab.KwikClient;
import io.whygate.e2e.lab.LabProcess;
import io.whygate.e2e.lab.NodeServer;
import io.whygate.e2e.lab.Place;
import io.whygate.e2e.lab.TappedSocket;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.faults.tls.Pki;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tech.kwik.core.QuicClientConnection;
import tech.kwik.core.QuicClientConnection.StreamEarlyData;
import tech.kwik.core.QuicStream;

/// HTTP/3 with a client that shares no code with the gateway: that of ngtcp2 and nghttp3, as Debian
/// has it, which says all that it sends and receives.
@Needs({"gtlsclient", "node"})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class QuicClientTest {
  private static final int LARGE = 3_000_000;

  /// When Kwik repeats its greeting, in milliseconds.
  private static final int GREETS_AGAIN = 300;

  /// Says what it was asked; `/large` is numbers in a row, `/hints` comes after early hints.
  private static final String SERVER =
      """
      const large = Buffer.alloc(3000000);
      for (let i = 0; i + 4 <= large.length; i += 4) large.writeUInt32BE(i, i);
      const server = require('http').createServer((request, response) => {
        let size = 0;
        request.on('data', piece => size += piece.length);
        request.on('end', () => {
          console.log(request.method, request.url, 'early', request.headers['early-data'], 'size', size);
          if (request.url === '/large') return response.end(large);
          if (request.url === '/hints') response.writeEarlyHints({link: '</style.css>; rel=preload'});
          response.writeHead(200, {Trailer: 'x-sum'});
          response.write('got ' + size);
          response.addTrailers({'x-sum': '42'});
          response.end();
        });
      });
      server.keepAliveTimeout = 300000;
      server.listen(process.env.PORT, '127.0.0.1');
      """;

  private Folder folder;
  private NodeServer server;
  private GatewayProcess gateway;
  private int port;
  private int provingPort;

  @BeforeAll
  void start() throws Exception {
    folder = Folder.create("quic");
    KeyedCertificate.PemFiles site = Pki.of("localhost").server().writeTo(folder.path(), "site");
    server = NodeServer.running(SERVER);
    port = Place.HERE.freePort();
    provingPort = Place.HERE.freePort();
    gateway =
        GatewayProcess.start(
            """
            listener-defaults.tls { certificates = [ { certificate = "%s", key = "%s" } ] }
            listeners = [
              { bind = "127.0.0.1:%d", http3 { enabled = true, early-data = true } }
              { bind = "127.0.0.1:%d", http3 { enabled = true, retry.when = always } }
            ]
            upstreams { site { endpoints = ["%s"] } }
            routes = [ { path = "/", upstream = site } ]
            """
                .formatted(site.chain(), site.key(), port, provingPort, server.uri()));
  }

  @AfterAll
  void stop() {
    gateway.close();
    server.close();
    folder.close();
  }

  /// What the client says of a visit, without what a packet or a timer costs it.
  private String visit(int at, String path, String... options) {
    List<String> command =
        new ArrayList<>(List.of("gtlsclient", "--exit-on-all-streams-close", "--no-quic-dump"));
    command.addAll(List.of(options));
    command.addAll(List.of("127.0.0.1", "" + at, "https://localhost:" + at + path));
    return LabProcess.run(Place.HERE, folder.path(), command.toArray(String[]::new))
        .lines()
        .filter(line -> !line.contains(" rcv "))
        .collect(Collectors.joining("\n"));
  }

  private void isLarge(Path got) throws IOException {
    byte[] bytes = Files.readAllBytes(got);
    assertThat(bytes).hasSize(LARGE);
    for (int i = 0; i + 4 <= bytes.length; i += 4) {
      int number =
          (bytes[i] & 0xff) << 24
              | (bytes[i + 1] & 0xff) << 16
              | (bytes[i + 2] & 0xff) << 8
              | (bytes[i + 3] & 0xff);
      assertThat(number).isEqualTo(i);
    }
    Files.delete(got);
  }

  @Test
  void headsInterimAnswersAndTrailers() throws Exception {
    folder.write("body", "hello");
    assertThat(visit(port, "/post", "-m", "POST", "-d", "body"))
        .contains("[:status: 200]", "|got 5|", "trailers started", "[x-sum: 42]")
        .containsPattern("CONNECTION_CLOSE\\(0x1d\\) error_code=\\(unknown\\)\\(0x100\\)");
    assertThat(visit(port, "/hints"))
        .containsSubsequence(
            "[:status: 103]", "[link: </style.css>; rel=preload]", "[:status: 200]");
    assertThat(visit(port, "/many", "-n", "200", "--no-http-dump").split("\\[:status: 200\\]", -1))
        .hasSize(201);
  }

  @Test
  void anUnknownVersionIsNegotiated() {
    assertThat(visit(port, "/", "-v", "0x1a2a3a4a", "--preferred-versions", "v1"))
        .contains("the negotiated version is 0x00000001", "[:status: 200]");
  }

  @Test
  void aRetryAsksForProof() {
    assertThat(visit(provingPort, "/"))
        .contains("type=Retry", "retry_source_connection_id", "[:status: 200]");
    assertThat(visit(port, "/")).doesNotContain("type=Retry");
  }

  @Test
  void whatGetsLostIsSentAgain() throws Exception {
    visit(port, "/large", "-q", "--download", folder.path().toString(), "-t", "0.03", "-r", "0.03");
    isLarge(folder.path().resolve("large"));
  }

  /// In the middle of an answer; its keys are changed on the way.
  @Test
  void aClientThatMovesGoesOn() throws Exception {
    String folderOption = folder.path().toString();
    String said =
        visit(
            port,
            "/large",
            "--no-http-dump",
            "--download",
            folderOption,
            "--key-update",
            "1ms",
            "--change-local-addr",
            "3ms");
    assertThat(said).contains("key update confirmed", "Local address is now", "PATH_RESPONSE");
    isLarge(folder.path().resolve("large"));
  }

  /// This client sends early data in the packet of its greeting, which is opened when its next
  /// packet comes.
  @Test
  void whatComesEarlyIsAnsweredAndAnOrderWaits() throws Exception {
    String[] memory = {"--session-file", "session", "--tp-file", "parameters"};
    assertThat(visit(port, "/first", memory)).doesNotContain("type=0RTT");
    assertThat(visit(port, "/second", memory)).contains("type=0RTT", "[:status: 200]");
    folder.write("body", "hello");
    String[] post = {
      "-m", "POST", "-d", "body", "--session-file", "session", "--tp-file", "parameters"
    };
    assertThat(visit(port, "/order", post)).contains("type=0RTT", "|got 5|");
    assertThat(server.output()).contains("POST /order early undefined size 5");
  }

  /// Another client, whose packets go one by one: the end of its handshake is held back, and what
  /// came before it is sent again by somebody else.
  @Test
  void whatComesEarlyIsSaidToBeEarlyAndAnOrderIsNotRepeated() throws Exception {
    InetSocketAddress address = new InetSocketAddress("127.0.0.1", port);
    byte[] ticket;
    try (TappedSocket socket = new TappedSocket()) {
      QuicClientConnection first = KwikClient.by(socket, address).build();
      first.connect();
      assertThat(new String(KwikClient.ask(first, H3Bytes.get("/known")), ISO_8859_1))
          .contains("got 0");
      ticket = first.getNewSessionTickets().getFirst().serialize();
      first.closeAndWait();
    }
    List<DatagramPacket> flight;
    try (TappedSocket socket = new TappedSocket()) {
      socket.holdFinished();
      QuicClientConnection early =
          KwikClient.by(socket, address).sessionTicket(ticket).initialRtt(GREETS_AGAIN / 3).build();
      List<QuicStream> streams =
          early.connect(
              List.of(
                  new StreamEarlyData(H3Bytes.get("/asked"), true),
                  new StreamEarlyData(
                      H3Bytes.join(H3Bytes.post("/ordered"), H3Bytes.data("hello")), true)));
      streams.get(0).getInputStream().readAllBytes();
      awaitAsked(1);
      assertThat(asked()).containsExactly("GET /asked early 1 size 0");
      socket.release();
      streams.get(1).getInputStream().readAllBytes();
      awaitAsked(2);
      assertThat(asked())
          .containsExactly("GET /asked early 1 size 0", "POST /ordered early undefined size 5");
      flight = socket.greeting();
      early.closeAndWait();
    }
    try (DatagramSocket other = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      // As long as something is left of the connection that is closed, its packets belong to it.
      Await.until(
          "the repeated request",
          Duration.ofSeconds(20),
          () -> {
            for (DatagramPacket each : flight) {
              other.send(each);
            }
            return asked().size() > 2;
          });
    }
    visit(port, "/later");
    assertThat(asked())
        .filteredOn(each -> !each.equals("GET /asked early 1 size 0"))
        .containsExactly("POST /ordered early undefined size 5");
  }

  /// Waits for what the server said before it answered.
  private void awaitAsked(int times) {
    Await.until("the server said it", Duration.ofSeconds(20), () -> asked().size() >= times);
  }

  /// What the server was asked of these two.
  private List<String> asked() {
    return server.output().lines().filter(line -> line.contains("ed early ")).toList();
  }
}
