package io.whygate.gateway.connection.dial;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.epoll.Epoll;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.LocalProblem;
import io.whygate.diagnostics.facts.NamingProblem;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.facts.Unreachability;
import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.gateway.Times;
import io.whygate.gateway.config.UpstreamSettings;
import io.whygate.gateway.transport.Transport;
import io.whygate.gateway.upstream.EndpointState;
import io.whygate.gateway.upstream.TestUpstreams;
import java.io.IOException;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource
class DialerTest {
  @Parameter private Transport transport;

  private final UpstreamSettings settings =
      TestUpstreams.of().connectTimeout(Duration.ofMillis(900)).settings();
  private Dials dials;

  @TempDir private Path folder;

  @BeforeEach
  void start() throws IOException {
    assertThat(transport != Transport.EPOLL || Epoll.isAvailable())
        .as("epoll, which every Linux has")
        .isTrue();
    dials = new Dials(transport, 1);
  }

  @AfterEach
  void stop() {
    dials.close();
  }

  @Test
  void connectsToName() throws IOException {
    dials.zone.address("shop", 60, "127.0.0.1");
    try (FaultyServer server = FaultyServer.start()) {
      Dials.Outcome outcome = dials.dial(settings, http("shop.test", server.port()));
      assertThat(outcome.address()).contains(ip("127.0.0.1"));
      Establishment how = outcome.how().orElseThrow();
      assertThat(how.resolved()).isBetween(1L, how.connected());
      assertThat(how.secured()).isGreaterThanOrEqualTo(how.connected());
      assertThat(Transport.tcpFacts(outcome.channel().orElseThrow()).isPresent())
          .isEqualTo(transport == Transport.EPOLL);
    }
  }

  @Test
  void saysThatNothingListens() throws IOException {
    try (FaultyServer server = FaultyServer.start()) {
      server.fault(new Fault.NothingListens());
      DialFailure failure = failure(http("127.0.0.1", server.port()));
      assertThat(failure.failure()).isEqualTo(new AttemptFailure.ConnectRefused());
      assertThat(failure.address()).contains(ip("127.0.0.1"));
      assertThat(failure.timeline().resolved()).isNotNegative();
      assertThat(failure.timeline().connected()).isEqualTo(Timeline.NEVER);
    }
  }

  @Test
  void givesUpAtSilentPort() throws IOException {
    try (FaultyServer server = FaultyServer.start()) {
      server.fault(new Fault.BacklogFull());
      DialFailure failure = failure(http("127.0.0.1", server.port()));
      assertThat(failure.failure())
          .isEqualTo(new AttemptFailure.TimedOut(Phase.CONNECT, Duration.ofMillis(900)));
      assertThat(failure.address()).contains(ip("127.0.0.1"));
      assertThat(failure.timeline().ended()).isBetween(880_000L, 5_000_000L);
      assertThat(failure.tcp().isPresent()).isEqualTo(transport == Transport.EPOLL);
    }
  }

  @Test
  void goesOnToTheNextAddressAtOnceWhenOneRefuses() throws Exception {
    dials.zone.address("shop", 60, "127.0.0.8", "127.0.0.9", "127.0.0.1");
    try (FaultyServer server = FaultyServer.start()) {
      // Less than what one waits beside a silent address before the next is tried.
      Duration bar = Duration.ofMillis(200);
      assertThat(Times.fastest(bar, () -> dialThreeTimes(server.port()))).isLessThan(bar);
    }
  }

  private EndpointState dialThreeTimes(int port) {
    EndpointState endpoint = state(http("shop.test", port));
    for (int i = 0; i < 3; i++) {
      assertThat(dials.dial(settings, endpoint).address()).contains(ip("127.0.0.1"));
    }
    Dials.Outcome later = dials.dial(settings, endpoint);
    assertThat(later.how().orElseThrow().failed()).as("the dead ones come last now").isEmpty();
    return endpoint;
  }

  @Test
  void triesTheNextAddressBesideSilentOne() throws IOException {
    try (FaultyServer server = FaultyServer.builder().address("127.0.0.1").start();
        FaultyServer silent =
            FaultyServer.builder().address("127.0.0.8").port(server.port()).start()) {
      silent.fault(new Fault.BacklogFull());
      dials.zone.address("shop", 60, "127.0.0.8", "127.0.0.1");
      EndpointState endpoint = state(http("shop.test", server.port()));
      UpstreamSettings patient =
          TestUpstreams.of().connectTimeout(Duration.ofSeconds(8)).settings();
      List<Long> times = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        Dials.Outcome outcome = dials.dial(patient, endpoint);
        assertThat(outcome.failure()).isEmpty();
        assertThat(outcome.address()).contains(ip("127.0.0.1"));
        times.add(outcome.how().orElseThrow().connected() / 1000);
      }
      assertThat(times).as("one of two dials begins at the silent one").anyMatch(t -> t >= 250);
      assertThat(times).as("none waits until the silent one is given up").allMatch(t -> t < 6_000);
    }
  }

  @Test
  void prefersIpv6AndFallsBackToIpv4() throws IOException {
    dials.zone.address("both", 60, "127.0.0.1", "::1");
    try (FaultyServer four = FaultyServer.start();
        FaultyServer six = FaultyServer.builder().address("::1").port(four.port()).start()) {
      assertThat(six.isListening()).isTrue();
      assertThat(dials.dial(settings, http("both.test", four.port())).address())
          .contains(ip("::1"));
      six.fault(new Fault.NothingListens());
      assertThat(dials.dial(settings, http("both.test", four.port())).address())
          .contains(ip("127.0.0.1"));
    }
  }

  @Test
  void reportsTheMostTellingOfSeveralFailures() throws IOException {
    try (FaultyServer silent = FaultyServer.builder().address("127.0.0.8").start()) {
      silent.fault(new Fault.BacklogFull());
      dials.zone.address("shop", 60, "127.0.0.8", "127.0.0.9");
      DialFailure failure = failure(http("shop.test", silent.port()));
      assertThat(failure.failure()).isEqualTo(new AttemptFailure.ConnectRefused());
      assertThat(failure.address()).contains(ip("127.0.0.9"));
      assertThat(failure.addresses())
          .extracting(FailedAddress::address)
          .containsExactlyInAnyOrder(ip("127.0.0.8"), ip("127.0.0.9"));
    }
  }

  @Test
  void leavesExcludedAddressesOut() throws IOException {
    dials.zone.address("shop", 60, "127.0.0.1", "127.0.0.2");
    try (FaultyServer one = FaultyServer.start();
        FaultyServer two = FaultyServer.builder().address("127.0.0.2").port(one.port()).start()) {
      EndpointState endpoint = state(http("shop.test", two.port()));
      for (int i = 0; i < 3; i++) {
        assertThat(dials.dial(settings, endpoint, ip("127.0.0.1")).address())
            .contains(ip("127.0.0.2"));
      }
      Dials.Outcome none = dials.dial(settings, endpoint, ip("127.0.0.1"), ip("127.0.0.2"));
      assertThat(none.channel()).isEmpty();
      assertThat(none.failure()).isEmpty();
    }
  }

  @Test
  void saysThatTheNameIsUnknown() {
    DialFailure failure = failure(http("nowhere.test", 80));
    assertThat(failure.failure())
        .isEqualTo(
            new AttemptFailure.NameNotResolved(
                "nowhere.test", NamingProblem.NAME_NOT_FOUND, "NXDOMAIN", -1));
    assertThat(failure.address()).isEmpty();
    assertThat(failure.timeline().resolved()).isEqualTo(Timeline.NEVER);
  }

  @Test
  void saysThatTheOwnRouteTableHasNoWay() {
    InetAddress address = ip("2001:db8::1");
    AttemptFailure failure = failure(http("2001:db8::1", 80)).failure();
    if (LocalRoute.to(address) == LocalRoute.OPEN) {
      assertThat(failure).isNotEqualTo(new AttemptFailure.Unreachable(Unreachability.NETWORK));
    } else {
      assertThat(failure).isInstanceOf(AttemptFailure.Unreachable.class);
    }
  }

  @Test
  void connectsToUnixSocket() throws IOException {
    Path file = folder.resolve("app.sock");
    try (ServerSocketChannel server = unixServer(file, 8)) {
      Dials.Outcome outcome = dials.dial(settings, unix(file));
      assertThat(outcome.failure()).isEmpty();
      assertThat(outcome.address()).isEmpty();
      try (SocketChannel accepted = server.accept()) {
        assertThat(accepted.isConnected()).isTrue();
      }
    }
  }

  @Test
  void saysWhatIsWrongWithUnixSocket() throws IOException {
    Path file = folder.resolve("app.sock");
    AttemptFailure missing = failure(unix(file)).failure();
    unixServer(file, 8).close();
    AttemptFailure dead = failure(unix(file)).failure();
    assertThat(dead).isEqualTo(new AttemptFailure.ConnectRefused());
    assertThat(missing)
        .isInstanceOfSatisfying(
            AttemptFailure.NotDialled.class,
            not -> {
              // The JDK tells these by text alone.
              if (transport == Transport.EPOLL) {
                assertThat(not.problem()).isEqualTo(LocalProblem.SOCKET_MISSING);
              }
            });
  }

  @Test
  void saysThatTheQueueOfUnixSocketIsFull() throws IOException {
    Path file = folder.resolve("app.sock");
    try (ServerSocketChannel server = unixServer(file, 1)) {
      Optional<DialFailure> failure = Optional.empty();
      int tries = transport == Transport.EPOLL ? 5 : 1;
      for (int i = 0; i < tries && failure.isEmpty(); i++) {
        failure = dials.dial(settings, unix(file)).failure();
      }
      assertThat(server.isOpen()).isTrue();
      if (transport != Transport.EPOLL) {
        // The JDK waits for a place in the queue instead of being refused one.
        assertThat(failure).isEmpty();
        return;
      }
      assertThat(failure.orElseThrow().failure())
          .isInstanceOfSatisfying(
              AttemptFailure.NotDialled.class,
              not -> assertThat(not.problem()).isEqualTo(LocalProblem.BACKLOG_FULL));
    }
  }

  private DialFailure failure(Endpoint endpoint) {
    return dials.dial(settings, endpoint).failure().orElseThrow();
  }

  private static EndpointState state(Endpoint endpoint) {
    return new EndpointState(endpoint, System::nanoTime);
  }

  private static Endpoint http(String host, int port) {
    return new Endpoint(Endpoint.Scheme.HTTP, host, port);
  }

  private static Endpoint unix(Path file) {
    return new Endpoint(Endpoint.Scheme.UNIX, file.toString(), 0);
  }

  private static ServerSocketChannel unixServer(Path file, int backlog) throws IOException {
    Files.deleteIfExists(file);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(file), backlog);
    return server;
  }

  private static InetAddress ip(String literal) {
    return InetAddress.ofLiteral(literal);
  }
}
