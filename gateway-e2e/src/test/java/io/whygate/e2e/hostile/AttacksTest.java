package io.whygate.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.e2e.Needs;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.Nginx;
import io.whygate.e2e.lab.Place;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.faults.tls.Pki;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/// Clients that wear the gateway out: each is stopped at a limit that a setting names and counted,
/// while somebody else on the only event loop is served; and no memory is lost.
@Needs("nginx")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AttacksTest {
  private static final Path REPORT = Path.of("target/attacks.md");
  private static final Duration LASTING = Duration.ofMillis(1500);

  /// How long an attack goes on where a busy machine has not yet come to count it.
  private static final Duration LONGEST = Duration.ofSeconds(30);

  /// Far more than is measured, so that a busy machine is no failure.
  private static final Duration SLOWEST = Duration.ofSeconds(1);

  private static final long MOST_BYTES = 160L << 20;

  private final StringBuilder report =
      new StringBuilder(
          """
          # Attacks

          Resident memory is that of a gateway with a heap of 256 MiB and one event loop.

          | attack | bystander p50 ms | p99 ms | longest ms | counted | memory before MiB | after MiB |
          | --- | ---: | ---: | ---: | ---: | ---: | ---: |
          """);
  private Folder folder;
  private ServerSocket silent;
  private Nginx server;
  private GatewayProcess gateway;
  private int tlsPort;
  private int narrowPort;
  private int pacedPort;

  @BeforeAll
  void start() throws Exception {
    folder = Folder.create("attacks");
    silent = new ServerSocket(0, 4096, InetAddress.ofLiteral("127.0.0.1"));
    server = server();
    tlsPort = Place.HERE.freePort();
    narrowPort = Place.HERE.freePort();
    pacedPort = Place.HERE.freePort();
    KeyedCertificate.PemFiles site =
        Pki.of("localhost", "127.0.0.1").server().writeTo(folder.path(), "site");
    gateway =
        GatewayProcess.startUnwatched(
            """
            event-loops = 1
            listener-defaults { timeouts { header = 700ms, body = 700ms, send = 700ms } }
            listeners += { bind = "127.0.0.1:%d", tls { certificates = [
              { certificate = "%s", key = "%s" } ] } }
            listeners += { bind = "127.0.0.1:%d", limits { connections = 20 } }
            listeners += { bind = "127.0.0.1:%d", limits.rates.grace = 500ms,
              timeouts { body = 30s, send = 30s } }
            """
                    .formatted(tlsPort, site.chain(), site.key(), narrowPort, pacedPort)
                + GatewayProcess.oneSite(server.uri(), "circuit-breaker.consecutive-failures = 0"));
    try (Bystander first = new Bystander(gateway.uri())) {
      first.watch(LASTING);
    }
  }

  /// Answers shortly, with much, after all of a body, or never.
  private Nginx server() {
    folder.write("large", "x".repeat(4 << 20));
    int port = Place.HERE.freePort();
    return Nginx.with(
        Place.HERE,
        port,
        """
        listen 127.0.0.1:%1$d;
        keepalive_requests 1000000;
        root %2$s;
        location /ok { return 200 ok; }
        location /large { }
        location /post { proxy_pass http://127.0.0.1:%1$d/ok; }
        location /wait { proxy_pass http://127.0.0.1:%3$d; }
        """
            .formatted(port, folder.path(), silent.getLocalPort()));
  }

  @AfterAll
  void stop() throws IOException {
    Files.createDirectories(REPORT.toAbsolutePath().getParent());
    Files.writeString(REPORT, report);
    gateway.close();
    server.close();
    silent.close();
    folder.close();
  }

  @TestFactory
  Stream<DynamicTest> othersAreServed() {
    return Attack.all().stream()
        .map(each -> DynamicTest.dynamicTest(each.name(), () -> withstand(each)));
  }

  private void withstand(Attack attack) throws Exception {
    long memory = gateway.residentBytes();
    long counted = counted(attack.kind());
    Bystander.Times times;
    var isOver = new AtomicBoolean();
    try (Bystander bystander = new Bystander(gateway.uri())) {
      List<Thread> attackers = begin(attack, isOver);
      times = bystander.watch(LASTING);
      long end = System.nanoTime() + LONGEST.toNanos();
      while (!attack.kind().isEmpty()
          && counted(attack.kind()) == counted
          && System.nanoTime() < end) {
        bystander.watch(LASTING.dividedBy(10));
      }
      isOver.set(true);
      long over = System.nanoTime() + Duration.ofSeconds(5).toNanos();
      for (Thread each : attackers) {
        // One that writes to a connection which the gateway has given up, and reads nothing, may
        // wait for ever.
        if (!each.join(Duration.ofNanos(Math.max(1, over - System.nanoTime())))) {
          each.interrupt();
          each.join();
        }
      }
    }
    long abuses = counted(attack.kind()) - counted;
    long after = gateway.residentBytes();
    report.append(
        "| %s | %.1f | %.1f | %.1f | %d | %d | %d |\n"
            .formatted(
                attack.name(),
                times.percentile(50).toNanos() / 1e6,
                times.percentile(99).toNanos() / 1e6,
                times.percentile(100).toNanos() / 1e6,
                abuses,
                memory >> 20,
                after >> 20));
    if (!attack.kind().isEmpty()) {
      assertThat(abuses).as("counted as " + attack.kind()).isPositive();
    }
    assertThat(times.percentile(99)).as("the bystander's 99th percentile").isLessThan(SLOWEST);
    assertThat(after - memory).as("memory").isLessThan(MOST_BYTES);
  }

  private List<Thread> begin(Attack attack, AtomicBoolean isOver) {
    int port =
        switch (attack.door()) {
          case PLAIN -> gateway.uri().getPort();
          case TLS -> tlsPort;
          case NARROW -> narrowPort;
          case PACED -> pacedPort;
        };
    List<Thread> attackers = new ArrayList<>();
    for (int i = 0; i < attack.clients(); i++) {
      attackers.add(
          Thread.ofVirtual()
              .start(() -> {
                try {
                  attack.play("127.0.0.1", port, isOver::get);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              }));
    }
    return attackers;
  }

  private long counted(String kind) throws Exception {
    Matcher line =
        Pattern.compile(
                "whygate_downstream_abuses_total\\{[^}]*kind=\"" + kind + "\"[^}]*} ([0-9.]+)")
            .matcher(gateway.admin("/metrics").body());
    double sum = 0;
    while (line.find()) {
      sum += Double.parseDouble(line.group(1));
    }
    return (long) sum;
  }
}
