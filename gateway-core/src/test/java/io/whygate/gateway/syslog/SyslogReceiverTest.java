package io.whygate.gateway.syslog;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.Diagnostician;
import io.whygate.diagnostics.DiagnosticsSettings;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.ConnectionUse;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.ExchangeFailure;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.LogSource;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.memory.Memory;
import io.whygate.diagnostics.probe.log.ReceivedLogs;
import io.whygate.faults.tls.Pki;
import io.whygate.gateway.config.Cidr;
import io.whygate.gateway.config.ListenerSettings.KeyPair;
import io.whygate.gateway.config.SyslogSettings;
import io.whygate.gateway.config.SyslogSettings.Door;
import io.whygate.gateway.config.SyslogSettings.Transport;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SyslogReceiverTest {
  private static final InetSocketAddress ANY_PORT = new InetSocketAddress("127.0.0.1", 0);
  private static final String MESSAGE =
      "<11>1 %s web1 gunicorn 81 - - Worker (pid:84) was sent SIGKILL! Perhaps out of memory?";

  private final Pki pki = Pki.of("localhost", "127.0.0.1");
  private final ReceivedLogs logs = new ReceivedLogs(ReceivedLogs.Limits.STANDARD);
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void whatAServerSendsNamesTheCause(Transport transport) throws Exception {
    SyslogReceiver receiver = start(transport, "127.0.0.0/8");
    send(transport, receiver.addresses().getFirst(), MESSAGE.formatted(Instant.now()));

    assertThat(causeSaid("syslog:127.0.0.1")).isEqualTo("application.out-of-memory");
    assertThat(causeSaid("syslog:web1/gunicorn")).isEqualTo("application.out-of-memory");
    assertThat(diagnosed("syslog:web2")).isNotEqualTo("application.out-of-memory");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void strangersAreNotListenedTo(Transport transport) throws Exception {
    SyslogReceiver receiver = start(transport, "10.0.0.0/8");
    try {
      send(transport, receiver.addresses().getFirst(), MESSAGE.formatted(Instant.now()));
    } catch (IOException e) {
      assertThat(transport).as("closed on us").isNotEqualTo(Transport.UDP);
    }
    // What is taken next has come later.
    SyslogReceiver other = start(Transport.UDP, "127.0.0.0/8");
    send(Transport.UDP, other.addresses().getFirst(), "<11>1 - web9 app - - - ENOSPC: disk");
    assertThat(causeSaid("syslog:web9")).isEqualTo("application.disk-full");
    assertThat(diagnosed("syslog:web1")).isNotEqualTo("application.out-of-memory");
  }

  @Test
  void partsAStreamByCountsAndByLines() throws IOException {
    Frames frames =
        new Frames(
            new ByteArrayInputStream(
                "9 <1>1 abcd5 <1>x\n\n<2>a line\r\n<3>another\0 <4>last"
                    .getBytes(StandardCharsets.UTF_8)),
            7);
    List<String> found = new ArrayList<>();
    while (frames.next()) {
      found.add(new String(frames.bytes(), 0, frames.length(), StandardCharsets.UTF_8));
    }
    assertThat(found).containsExactly("<1>1 ab", "<1>x\n", "<2>a li", "<3>anot", " <4>las");
  }

  private SyslogReceiver start(Transport transport, String senders) throws IOException {
    Optional<KeyPair> identity =
        transport == Transport.TLS
            ? Optional.of(new KeyPair(pki.server().chain(), pki.server().key()))
            : Optional.empty();
    int slash = senders.indexOf('/');
    Cidr network =
        new Cidr(
            InetAddress.ofLiteral(senders.substring(0, slash)),
            Integer.parseInt(senders.substring(slash + 1)));
    SyslogReceiver receiver =
        SyslogReceiver.start(
            new SyslogSettings(
                List.of(new Door(ANY_PORT, transport, identity)),
                List.of(network),
                8,
                100,
                2_048,
                8),
            logs);
    opened.add(receiver);
    return receiver;
  }

  private void send(Transport transport, InetSocketAddress to, String message) throws IOException {
    byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
    if (transport == Transport.UDP) {
      try (DatagramSocket socket = new DatagramSocket()) {
        socket.send(new DatagramPacket(bytes, bytes.length, to));
      }
      return;
    }
    Socket socket =
        transport == Transport.TCP
            ? new Socket(to.getAddress(), to.getPort())
            : pki.clientContext().getSocketFactory().createSocket(to.getAddress(), to.getPort());
    opened.add(socket);
    socket.getOutputStream().write((bytes.length + " ").getBytes(StandardCharsets.UTF_8));
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  /// The diagnosis of a reset, asked for until what was sent has come.
  private String causeSaid(String source) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    String cause = diagnosed(source);
    while (cause.equals("application.closed-before-response") && System.nanoTime() < end) {
      cause = diagnosed(source);
    }
    return cause;
  }

  private String diagnosed(String source) throws Exception {
    Endpoint endpoint = new Endpoint(Endpoint.Scheme.HTTP, "127.0.0.1", 9);
    FailedAttempt attempt =
        new FailedAttempt(
            endpoint,
            Optional.of(InetAddress.getLoopbackAddress()),
            new AttemptFailure.ConnectionLost(Phase.AWAIT_RESPONSE, Closing.RESET),
            new Timeline(0, 100, 100, 200, Timeline.NEVER, 400),
            ConnectionUse.FRESH,
            100,
            0,
            "",
            Optional.empty());
    FailedExchange failed =
        new FailedExchange(
            "shop",
            new RequestFacts("GET", "/", "shop.example", "http", 0),
            new ExchangeFailure.AttemptsExhausted(),
            List.of(attempt),
            RequestProcessed.UNKNOWN,
            Instant.now(),
            400);
    UpstreamFacts facts =
        new UpstreamFacts(
            "shop",
            List.of(endpoint),
            List.of(),
            53,
            List.of(),
            true,
            Optional.empty(),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            List.of(LogSource.named(source).orElseThrow()),
            UpstreamFacts.Contact.NONE,
            Optional.empty(),
            "",
            UpstreamFacts.Protocol.AUTO,
            Optional.empty(),
            UpstreamFacts.ProxyProtocol.NONE,
            UpstreamFacts.AnswerLimits.USUAL);
    DiagnosticsSettings unhurried =
        new DiagnosticsSettings(Duration.ofMillis(600), Duration.ZERO, Duration.ZERO, 8, 1_000);
    try (Diagnostician diagnostician =
        new Diagnostician(unhurried, new Memory(Clock.systemUTC()), logs)) {
      return diagnostician
          .diagnose(failed, facts)
          .toCompletableFuture()
          .get(10, TimeUnit.SECONDS)
          .cause()
          .code();
    }
  }
}
