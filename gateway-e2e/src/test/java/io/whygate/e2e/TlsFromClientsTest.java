package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.whygate.e2e.lab.Await;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.LabProcess;
import io.whygate.e2e.lab.Place;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.tls.KeyKind;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.faults.tls.Pki;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// TLS towards clients, as OpenSSL's own client sees it: which certificate for which name and key,
/// which versions and suites, tickets, and certificates that change while connections are open.
@Needs("openssl")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TlsFromClientsTest {
  private final List<AutoCloseable> parts = new ArrayList<>();
  private Folder folder;
  private GatewayProcess gateway;
  private String settings;
  private int port;

  @BeforeAll
  void start() throws Exception {
    folder = Folder.create("tls");
    FaultyServer server = FaultyServer.start();
    parts.add(server);
    port = Place.HERE.freePort();
    List<String> pairs = new ArrayList<>();
    pairs.add(pair("standard", Pki.of(KeyKind.RSA_2048, "standard.test").server()));
    pairs.add(pair("both-rsa", Pki.of(KeyKind.RSA_2048, "both.test").server()));
    pairs.add(pair("both-ec", Pki.of("both.test").server()));
    pairs.add(pair("wild", Pki.of("*.wild.test").server()));
    pairs.add(pair("exact", Pki.of("exact.wild.test").server()));
    settings =
        """
        listeners += { bind = "127.0.0.1:%d", tls { certificates = [ %s ] } }
        """
                .formatted(port, String.join(", ", pairs))
            + GatewayProcess.oneSite(server.uri(), "");
    gateway = GatewayProcess.start(settings);
  }

  private String pair(String name, KeyedCertificate certificate) throws Exception {
    KeyedCertificate.PemFiles files = certificate.writeTo(folder.path(), name);
    return "{ certificate = \"%s\", key = \"%s\" }".formatted(files.chain(), files.key());
  }

  @AfterAll
  void stop() throws Exception {
    gateway.close();
    for (AutoCloseable each : parts) {
      each.close();
    }
    folder.close();
  }

  /// What OpenSSL's client prints of a connection for this name.
  private String connect(String name, String... options) {
    List<String> command = new ArrayList<>(List.of("openssl", "s_client", "-connect"));
    command.add("127.0.0.1:" + port);
    command.addAll(List.of("-servername", name));
    command.addAll(List.of(options));
    try (LabProcess client =
        LabProcess.start(Place.HERE, folder.path(), command.toArray(String[]::new))) {
      client.awaitExit(Duration.ofSeconds(20));
      return client.output();
    }
  }

  private static String name(String said) {
    return said.lines()
        .filter(each -> each.startsWith("subject="))
        .map(each -> each.replaceAll(".*CN ?= ?", ""))
        .findFirst()
        .orElse("");
  }

  @Test
  void aCertificateForEachName() {
    assertThat(name(connect("both.test"))).isEqualTo("both.test");
    assertThat(name(connect("BOTH.test"))).isEqualTo("both.test");
    assertThat(name(connect("a.wild.test"))).isEqualTo("*.wild.test");
    assertThat(name(connect("exact.wild.test"))).isEqualTo("exact.wild.test");
    assertThat(name(connect("unknown.test"))).isEqualTo("standard.test");
    assertThat(name(connect("wild.test"))).isEqualTo("standard.test");
  }

  @Test
  void aKeyThatTheClientTakes() {
    assertThat(connect("both.test")).contains("Peer signature type: ECDSA");
    assertThat(connect("both.test", "-tls1_2")).contains("Peer signature type: ECDSA");
    assertThat(connect("both.test", "-sigalgs", "RSA-PSS+SHA256:RSA+SHA256"))
        .contains("Peer signature type: RSA");
    assertThat(connect("both.test", "-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"))
        .contains("Peer signature type: RSA");
    assertThat(connect("both.test", "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"))
        .contains("Peer signature type: ECDSA");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "AES128-GCM-SHA256",
        "AES256-SHA",
        "ECDHE-RSA-AES128-SHA",
        "ECDHE-RSA-AES256-SHA384",
        "DHE-RSA-AES128-GCM-SHA256",
      })
  void suitesThatAreNotSpoken(String suite) {
    assertThat(connect("standard.test", "-tls1_2", "-cipher", suite + ":@SECLEVEL=0"))
        .contains("Cipher is (NONE)");
  }

  @Test
  void versionsThatAreNotSpoken() {
    assertThat(connect("standard.test", "-tls1_3")).contains("TLSv1.3, Cipher is TLS_");
    assertThat(connect("standard.test", "-tls1_2")).contains("TLSv1.2, Cipher is ECDHE-");
    for (String version : List.of("-tls1_1", "-tls1")) {
      assertThat(connect("standard.test", version, "-cipher", "ALL:@SECLEVEL=0"))
          .contains("Cipher is (NONE)");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1_2", "-tls1_3"})
  void aSessionIsResumed(String version) {
    Path session = folder.path().resolve("session" + version);
    LabProcess.run(
        Place.HERE,
        folder.path(),
        "sh",
        "-c",
        "printf 'GET / HTTP/1.1\\r\\nHost: standard.test\\r\\nConnection: close\\r\\n\\r\\n' | openssl s_client"
            + " -ign_eof -connect 127.0.0.1:%d -servername standard.test %s -sess_out %s"
                .formatted(port, version, session));
    assertThat(connect("standard.test", version, "-sess_in", session.toString()))
        .contains("Reused, ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"X25519MLKEM768", "x25519", "secp256r1", "secp384r1"})
  void groups(String group) throws Exception {
    SslContext context =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.OPENSSL)
            .option(OpenSslContextOption.GROUPS, new String[] {group})
            .trustManager(io.netty.handler.ssl.util.InsecureTrustManagerFactory.INSTANCE)
            .endpointIdentificationAlgorithm(null)
            .build();
    var loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    try {
      Channel channel =
          new Bootstrap()
              .group(loops)
              .channel(NioSocketChannel.class)
              .handler(
                  new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel made) {
                      made.pipeline().addLast(context.newHandler(made.alloc(), "both.test", port));
                    }
                  })
              .connect("127.0.0.1", port)
              .sync()
              .channel();
      channel.pipeline().get(SslHandler.class).handshakeFuture().sync();
      channel.close().sync();
    } finally {
      loops.shutdownGracefully(0, 5, TimeUnit.SECONDS);
    }
  }

  @Test
  void aChangedFileIsShownAndOpenConnectionsGoOn() throws Exception {
    KeyedCertificate.PemFiles next =
        Pki.of("exact.wild.test").server().writeTo(folder.path(), "next");
    String before = connect("exact.wild.test");
    try (LabProcess open =
        LabProcess.start(
            Place.HERE,
            folder.path(),
            "sh",
            "-c",
            ("(until [ -e changed ]; do sleep 0.05; done;"
                    + " printf 'GET / HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n')"
                    + " | openssl s_client -ign_eof -connect 127.0.0.1:%d -servername a.wild.test")
                .formatted(port))) {
      open.awaitOutput("Verify return code");
      move(next.chain(), "exact");
      move(next.key(), "exact");
      Await.until(
          "the new certificate",
          Duration.ofSeconds(20),
          () -> !serial(connect("exact.wild.test")).equals(serial(before)));
      folder.write("changed", "");
      open.awaitOutput("HTTP/1.1 200");
    }
  }

  private void move(Path from, String name) throws Exception {
    String file = from.getFileName().toString().replace("next", name);
    Files.move(from, folder.path().resolve(file), StandardCopyOption.REPLACE_EXISTING);
  }

  /// The certificate itself, as it was shown.
  private static String serial(String said) {
    int start = said.indexOf("-----BEGIN CERTIFICATE-----");
    return start < 0 ? "" : said.substring(start, said.indexOf("-----END", start));
  }
}
