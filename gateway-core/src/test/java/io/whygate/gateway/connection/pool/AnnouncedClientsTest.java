package io.whygate.gateway.connection.pool;

import static io.whygate.gateway.RunningGateway.await;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.whygate.faults.tls.Certificates;
import io.whygate.faults.tls.Pki;
import io.whygate.gateway.RawClient;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import io.whygate.gateway.proxyprotocol.Ends;
import io.whygate.gateway.proxyprotocol.ProxyHeader;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Servers that are told by the PROXY protocol whose connection it is.
class AnnouncedClientsTest {
  private static final String FRONT = "proxy-protocol { from = [\"127.0.0.0/8\"] }";

  /// What each connection began with, in order.
  private final List<Optional<Ends>> told = new CopyOnWriteArrayList<>();

  /// Reads the header, then serves.
  private ScriptedServer server() throws IOException {
    return new ScriptedServer((peer, _) -> {
      told.add(header(peer.in()));
      peer.serve();
    });
  }

  private static Optional<Ends> header(InputStream in) throws IOException {
    ByteBuf read = Unpooled.buffer();
    while (true) {
      switch (ProxyHeader.read(read, 4096)) {
        case ProxyHeader.Whole(ProxyHeader header) -> {
          return header.ends();
        }
        case ProxyHeader.Malformed(String why) -> throw new IOException(why);
        case ProxyHeader.Incomplete _ -> {
          int next = in.read();
          if (next < 0) {
            throw new IOException("no header");
          }
          read.writeByte(next);
        }
      }
    }
  }

  private static RunningGateway gateway(String listener, String version, URI server)
      throws Exception {
    return RunningGateway.before(listener, "proxy-protocol = " + version, server);
  }

  private static Ends ends(RawClient client) {
    return new Ends(
        client.socket().getLocalSocketAddress(), client.socket().getRemoteSocketAddress());
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1", "v2"})
  void aConnectionIsForOneClientsConnection(String version) throws Exception {
    try (ScriptedServer server = server();
        RunningGateway gateway = gateway("", version, server.uri());
        RawClient first = gateway.client();
        RawClient second = gateway.client()) {
      for (int i = 0; i < 3; i++) {
        assertThat(first.get("/").answer().status()).isEqualTo(200);
        assertThat(second.get("/").answer().status()).isEqualTo(200);
      }
      assertThat(told).containsExactly(Optional.of(ends(first)), Optional.of(ends(second)));
      assertThat(server.accepted()).as("each is used again by its client").isEqualTo(2);
    }
  }

  @Test
  void itIsClosedOnceTheClientIsGone() throws Exception {
    try (ScriptedServer server = server();
        RunningGateway gateway = gateway("", "v1", server.uri());
        RawClient stays = gateway.client()) {
      assertThat(stays.get("/").answer().status()).isEqualTo(200);
      for (int i = 0; i < 20; i++) {
        try (RawClient client = gateway.client()) {
          assertThat(client.get("/").answer().status()).isEqualTo(200);
        }
      }
      assertThat(server.accepted()).isEqualTo(21);
      await(() -> server.open() == 1);
      assertThat(stays.get("/").answer().status()).isEqualTo(200);
      assertThat(server.accepted()).isEqualTo(21);
    }
  }

  @Test
  void idleConnectionsOfOthersMakeRoom() throws Exception {
    try (ScriptedServer server = server();
        RunningGateway gateway =
            RunningGateway.before(
                "", "proxy-protocol = v2, pool.max-connections = 1", server.uri());
        RawClient first = gateway.client();
        RawClient second = gateway.client()) {
      for (int i = 0; i < 3; i++) {
        assertThat(first.get("/").answer().status()).isEqualTo(200);
        assertThat(second.get("/").answer().status()).isEqualTo(200);
      }
      assertThat(server.accepted()).isEqualTo(6);
    }
  }

  @Test
  void whatAFrontSaidIsPassedOn() throws Exception {
    try (ScriptedServer server = server();
        RunningGateway gateway = gateway(FRONT, "v2", server.uri());
        RawClient client = gateway.client();
        RawClient unknown = gateway.client()) {
      client.send("PROXY TCP6 2001:db8::9 2001:db8::1 40000 443\r\n").get("/").answer();
      unknown.send("\r\n\r\n\0\r\nQUIT\n!1\0\u00d8" + "\0".repeat(216)).get("/").answer();
      assertThat(told)
          .containsExactly(
              Optional.of(
                  new Ends(
                      new InetSocketAddress("2001:db8::9", 40000),
                      new InetSocketAddress("2001:db8::1", 443))),
              Optional.empty());
    }
  }

  @Test
  void addressesOfTwoFamilies() throws Exception {
    for (String version : List.of("v1", "v2")) {
      told.clear();
      try (ScriptedServer server = server();
          RunningGateway gateway = gateway(FRONT, version, server.uri());
          RawClient client = gateway.client()) {
        client.send("PROXY TCP6 ::ffff:192.0.2.9 2001:db8::1 40000 443\r\n").get("/").answer();
        assertThat(told.getFirst().orElseThrow().source())
            .isEqualTo(new InetSocketAddress("192.0.2.9", 40000));
      }
    }
  }

  @Test
  void checksOfHealthAreTheGatewaysOwn() throws Exception {
    for (String version : List.of("v1", "v2")) {
      told.clear();
      try (ScriptedServer server = server();
          RunningGateway gateway =
              RunningGateway.before(
                  "",
                  "proxy-protocol = "
                      + version
                      + ", health { enabled = true, interval = 100ms, healthy-after = 1 }",
                  server.uri())) {
        await(() -> told.size() >= 2);
        assertThat(told).containsOnly(Optional.empty());
        assertThat(gateway.unhealthy()).isZero();
      }
    }
  }

  @Test
  void beforeTls(@TempDir Path folder) throws Exception {
    Pki pki = Pki.of("localhost", "127.0.0.1");
    Path root = folder.resolve("root.pem");
    Certificates.writePem(root, pki.root());
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              told.add(header(peer.socket().getInputStream()));
              SSLSocket secured =
                  (SSLSocket)
                      pki.server()
                          .context()
                          .getSocketFactory()
                          .createSocket(peer.socket(), null, true);
              secured.getInputStream().read();
              secured
                  .getOutputStream()
                  .write(
                      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                          .getBytes(ISO_8859_1));
            });
        RunningGateway gateway =
            RunningGateway.before(
                "",
                "proxy-protocol = v2, protocol = http1, tls.trusted-certificates = \"%s\""
                    .formatted(root),
                URI.create("https://127.0.0.1:" + server.uri().getPort()));
        RawClient client = gateway.client()) {
      assertThat(client.get("/").answer().status()).isEqualTo(200);
      assertThat(told).containsExactly(Optional.of(ends(client)));
    }
  }
}
