package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.e2e.lab.Await;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.LabProcess;
import io.whygate.e2e.lab.Place;
import io.whygate.e2e.matrix.Client;
import io.whygate.faults.tls.Certificates;
import io.whygate.faults.tls.Pki;
import io.whygate.gateway.Gateway;
import io.whygate.gateway.admin.Operations;
import io.whygate.gateway.config.reading.ConfigReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Sessions that OpenSSL's client resumes by tickets, over reloads, between gateways, and until
/// their keys are gone; and handshakes beyond those that may be under way.
@Needs("openssl")
class SessionTicketsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String REUSED = "Reused, TLSv1.2";
  private static final String NEW = "New, TLSv1.2";

  private Folder folder;
  private Pki pki;

  @BeforeEach
  void makeCertificates() throws Exception {
    folder = Folder.create("tickets");
    pki = Pki.of("shop.test");
    pki.server().writeTo(folder.path(), "shop");
    Pki.of("other.test").server().writeTo(folder.path(), "other");
    Files.write(folder.path().resolve("ticket.key"), new byte[48]);
    Certificates.writePem(folder.path().resolve("clients.pem"), pki.clientRoot());
  }

  @AfterEach
  void removeFolder() {
    folder.close();
  }

  private Path configuration(String certificates, String tls, String listener) {
    return folder.write(
        "gateway.conf",
        """
        whygate {
          event-loops = 1
          listeners = [ { bind = "127.0.0.1:0", tls { certificates = [ %s ], %s } %s } ]
          admin { bind = "127.0.0.1:0" }
          access-log { enabled = false }
          upstreams { site { endpoints = ["http://127.0.0.1:1"] } }
          routes = [ { path = "/", upstream = site } ]
        }
        """
            .formatted(certificates, tls, listener));
  }

  private static String pair(String name) {
    return "{ certificate = \"%1$s.pem\", key = \"%1$s.key\" }".formatted(name);
  }

  private Gateway start(String tls, String listener) throws Exception {
    Path file = configuration(pair("shop"), tls, listener);
    return Gateway.start(new ConfigReader().read(file), () -> new Operations.Applied(List.of()));
  }

  private static String address(Gateway gateway) {
    return gateway.listenerUrls().getFirst().replace("https://", "");
  }

  private String connect(Gateway gateway, String... options) {
    try (LabProcess client =
        LabProcess.start(
            Place.HERE,
            folder.path(),
            java.util.stream.Stream.concat(
                    java.util.stream.Stream.of(
                        "openssl",
                        "s_client",
                        "-tls1_2",
                        "-connect",
                        address(gateway),
                        "-servername",
                        "shop.test"),
                    java.util.Arrays.stream(options))
                .toArray(String[]::new))) {
      client.awaitExit(PATIENCE);
      return client.output();
    }
  }

  @Test
  void ticketsOutliveAReload() throws Exception {
    try (Gateway gateway = start("session-tickets { rotate-every = 1h }", "")) {
      assertThat(connect(gateway, "-sess_out", "session")).contains(NEW);
      Path changed =
          configuration(
              pair("shop") + ", " + pair("other"), "session-tickets { rotate-every = 1h }", "");
      assertThat(gateway.apply(new ConfigReader().read(changed))).contains("listeners changed");
      assertThat(connect(gateway, "-sess_in", "session")).contains(REUSED);
    }
  }

  @Test
  void ticketsOpenUntilTheirKeysAreGone() throws Exception {
    try (Gateway gateway = start("session-tickets { rotate-every = 500ms, keep = 0 }", "")) {
      assertThat(connect(gateway, "-sess_out", "session")).contains(NEW);
      Await.until(
          "a ticket that nothing opens any more",
          PATIENCE,
          () -> connect(gateway, "-sess_in", "session").contains(NEW));
    }
  }

  @Test
  void gatewaysWithTheSameFileOpenEachOthersTickets() throws Exception {
    String shared = "session-tickets { key-files = [\"ticket.key\"] }";
    try (Gateway one = start(shared, "");
        Gateway two = start(shared, "");
        Gateway strict =
            start(
                shared
                    + ", client-certificates { verify = optional, trusted-certificates = \"clients.pem\" }",
                "");
        Gateway alone = start("", "")) {
      assertThat(connect(one, "-sess_out", "session")).contains(NEW);
      assertThat(connect(two, "-sess_in", "session")).contains(REUSED);
      assertThat(connect(strict, "-sess_in", "session")).contains(NEW);
      assertThat(connect(alone, "-sess_in", "session")).contains(NEW);
    }
  }

  @Test
  void handshakesBeyondTheLimitAreRefused() throws Exception {
    try (Gateway gateway = start("", ", limits { handshakes = 2 }, timeouts { handshake = 2s }")) {
      try (Socket one = silent(gateway);
          Socket two = silent(gateway)) {
        Await.until(
            "two handshakes",
            PATIENCE,
            () -> metrics(gateway).contains("handshakes{") && under(gateway) == 2);
        try (Socket three = silent(gateway)) {
          assertThat(three.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(metrics(gateway)).contains("kind=\"handshake-limit\"");
        assertThat(one.getInputStream().read()).isEqualTo(-1);
        assertThat(two.getInputStream().read()).isEqualTo(-1);
      }
      Await.until("none", PATIENCE, () -> under(gateway) == 0);
      assertThat(connect(gateway)).contains(NEW);
      Await.until("none", PATIENCE, () -> under(gateway) == 0);
    }
  }

  private static Socket silent(Gateway gateway) throws IOException {
    URI at = URI.create("https://" + address(gateway));
    Socket socket = new Socket();
    socket.setSoTimeout((int) PATIENCE.toMillis());
    socket.connect(new InetSocketAddress(at.getHost(), at.getPort()));
    return socket;
  }

  private static String metrics(Gateway gateway) throws IOException {
    URI at = URI.create("http://127.0.0.1:" + gateway.adminAddress().orElseThrow().getPort());
    return Client.send(at, "GET", "/metrics", "", "Host: " + at.getAuthority()).text();
  }

  private static int under(Gateway gateway) throws IOException {
    return metrics(gateway)
        .lines()
        .filter(each -> each.startsWith("whygate_downstream_handshakes{"))
        .mapToInt(each -> (int) Double.parseDouble(each.substring(each.lastIndexOf(' ') + 1)))
        .sum();
  }
}
