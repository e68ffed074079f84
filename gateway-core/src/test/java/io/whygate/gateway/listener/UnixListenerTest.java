package io.whygate.gateway.listener;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.whygate.gateway.GatewayStartException;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import io.whygate.gateway.http2.Frames;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Clients that come by a Unix socket, and what becomes of its file.
class UnixListenerTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";

  @TempDir private Path folder;
  private Path socket;
  private ScriptedServer server;

  @BeforeEach
  void start() throws IOException {
    socket = folder.resolve("site.sock");
    server =
        new ScriptedServer((peer, _) -> {
          while (!peer.head().isEmpty()) {
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine");
          }
        });
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private String settings(String listener) {
    return """
    listeners = [ { bind = "unix:%s", %s } ]
    upstreams { site { endpoints = ["%s"] } }
    routes = [ { path = "/", upstream = site } ]
    """
        .formatted(socket, listener, server.uri());
  }

  private String ask(String request) throws IOException {
    try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      client.write(ByteBuffer.wrap((request + "\r\n").getBytes(ISO_8859_1)));
      return new String(Channels.newInputStream(client).readAllBytes(), ISO_8859_1);
    }
  }

  private String mode() throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(socket));
  }

  @Test
  void servesClientsThatHaveNoAddress() throws Exception {
    try (RunningGateway gateway = RunningGateway.of(settings(""))) {
      assertThat(gateway.gateway().listenerUrls()).containsExactly("unix:" + socket);
      assertThat(mode()).isEqualTo("rw-rw----");
      assertThat(ask(GET + "X-Forwarded-For: 192.0.2.66\r\n"))
          .startsWith("HTTP/1.1 200 OK\r\n")
          .endsWith("\r\n\r\nfine");
      assertThat(server.heads().getFirst())
          .contains("X-Forwarded-For: unknown\r\n", "Forwarded: for=unknown;");
      assertThat(gateway.records(1).getFirst())
          .contains("\"client\":\"unix:\"", "\"listener\":\"unix:" + socket + "\"");
    }
    assertThat(socket).doesNotExist();
  }

  /// A client that ends its direction after its last request has its answer all the same.
  @Test
  void answersWhoEndsItsDirection() throws Exception {
    try (RunningGateway gateway = RunningGateway.of(settings(""));
        SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      client.write(ByteBuffer.wrap((GET + "\r\n").getBytes(ISO_8859_1)));
      client.shutdownOutput();
      assertThat(new String(Channels.newInputStream(client).readAllBytes(), ISO_8859_1))
          .endsWith("fine");
      assertThat(gateway.records(1).getFirst()).contains("\"outcome\":\"completed\"");
    }
  }

  @Test
  void speaksHttp2() throws Exception {
    try (RunningGateway gateway = RunningGateway.of(settings(""));
        SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      ByteBuf out = Unpooled.buffer();
      out.writeBytes(Frames.preface());
      Frames.head(out, 0, Frames.SETTINGS, 0, 0);
      client.write(out.nioBuffer());
      byte[] head = Channels.newInputStream(client).readNBytes(9);
      assertThat(head[3]).isEqualTo((byte) Frames.SETTINGS);
      RunningGateway.await(() -> gateway.http2Connections() == 1);
    }
  }

  @Test
  void believesWhomItIsTold() throws Exception {
    try (RunningGateway _ = RunningGateway.of(settings("trusted-proxies = [\"unix:\"]"))) {
      ask(GET + "X-Forwarded-For: 192.0.2.66\r\n");
      assertThat(server.heads().getFirst())
          .contains("X-Forwarded-For: 192.0.2.66, unknown\r\n", "X-Real-IP: 192.0.2.66\r\n");
    }
    try (RunningGateway _ = RunningGateway.of(settings("trusted-proxies = [\"0.0.0.0/0\"]"))) {
      ask(GET + "X-Forwarded-For: 192.0.2.66\r\n");
      assertThat(server.heads().getLast()).contains("X-Forwarded-For: unknown\r\n");
    }
  }

  @Test
  void takesWhatFrontsSayByTheProxyProtocol() throws Exception {
    String fronts = "proxy-protocol { from = [\"unix:\"] }";
    try (RunningGateway gateway = RunningGateway.of(settings(fronts))) {
      assertThat(ask("PROXY TCP4 203.0.113.9 198.51.100.1 40000 443\r\n" + GET)).endsWith("fine");
      assertThat(server.heads().getFirst()).contains("X-Forwarded-For: 203.0.113.9\r\n");
      assertThat(ask(GET)).as("without a header").isEmpty();
      assertThat(gateway.records(1)).hasSize(1);
    }
  }

  @Test
  void aFileThatWasLeftBehindIsReplaced() throws Exception {
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(socket));
    }
    assertThat(socket).exists();
    try (RunningGateway _ = RunningGateway.of(settings(""))) {
      assertThat(ask(GET)).endsWith("fine");
    }
  }

  @Test
  void aPlaceThatIsTakenIsLeftAlone() throws Exception {
    Files.writeString(socket, "somebody's notes");
    assertThatExceptionOfType(GatewayStartException.class)
        .isThrownBy(() -> RunningGateway.of(settings("")))
        .withMessage(
            "a listener cannot listen on unix:%s: there is a file that is no socket: move it away, or bind another",
            socket);
    assertThat(socket).hasContent("somebody's notes");
    Files.delete(socket);
    try (RunningGateway _ = RunningGateway.of(settings(""))) {
      assertThatExceptionOfType(GatewayStartException.class)
          .isThrownBy(() -> RunningGateway.of(settings("")))
          .withMessageContaining("it is taken: stop what listens there");
      assertThat(ask(GET)).endsWith("fine");
    }
    Path missing = folder.resolve("no/such.sock");
    assertThatExceptionOfType(GatewayStartException.class)
        .isThrownBy(
            () -> RunningGateway.of(settings("").replace(socket.toString(), missing.toString())))
        .withMessageContaining("its folder does not exist");
  }

  @Test
  void aReloadChangesItsPermissionsAndTakesItAway() throws Exception {
    try (RunningGateway gateway = RunningGateway.of(settings("socket-mode = \"0600\""))) {
      assertThat(mode()).isEqualTo("rw-------");
      Object before = Files.readAttributes(socket, "unix:ino").get("ino");
      gateway.apply(settings("socket-mode = 0666"));
      assertThat(mode()).isEqualTo("rw-rw-rw-");
      assertThat(Files.readAttributes(socket, "unix:ino").get("ino")).isEqualTo(before);
      assertThat(ask(GET)).endsWith("fine");
      gateway.apply(settings("").replace("unix:" + socket, "127.0.0.1:0"));
      assertThat(socket).doesNotExist();
    }
  }

  /// As where one gateway takes over from another: each takes only its own file away.
  @Test
  void anothersFileStays() throws Exception {
    try (RunningGateway _ = RunningGateway.of(settings(""))) {
      Files.delete(socket);
      try (RunningGateway _ = RunningGateway.of(settings(""))) {
        assertThat(socket).exists();
      }
      assertThat(socket).doesNotExist();
      Files.writeString(socket, "another's");
    }
    assertThat(socket).hasContent("another's");
  }
}
