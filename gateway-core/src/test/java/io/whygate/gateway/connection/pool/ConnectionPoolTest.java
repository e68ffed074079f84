package io.whygate.gateway.connection.pool;

import static io.whygate.gateway.RunningGateway.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.ExchangeFailure.LimitReached.Limit;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.TlsProblem;
import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.http.Response;
import io.whygate.faults.http2.FramedServer;
import io.whygate.faults.tls.Pki;
import io.whygate.faults.tls.TlsFault;
import io.whygate.gateway.config.UpstreamSettings;
import io.whygate.gateway.connection.UpstreamConnection;
import io.whygate.gateway.connection.dial.DialFailure;
import io.whygate.gateway.transport.Transport;
import io.whygate.gateway.upstream.EndpointState;
import io.whygate.gateway.upstream.IdleClose;
import io.whygate.gateway.upstream.TestUpstreams;
import io.whygate.gateway.upstream.Upstream;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConnectionPoolTest {
  private FaultyServer server;
  private Pools pools;

  @BeforeEach
  void start() throws IOException {
    server = FaultyServer.start();
    pools = new Pools();
    pools.dials.zone.address("shop", 1, "127.0.0.1");
  }

  @AfterEach
  void stop() {
    pools.close();
    server.close();
  }

  @Test
  void usesTheConnectionThatBecameIdleLast() {
    Upstream upstream = upstream(limits(10, 10));
    Pools.Wish first = pools.wish(0, upstream);
    Pools.Wish second = pools.wish(0, upstream);
    assertThat(first.isPooled()).isFalse();
    assertThat(second.connection()).isNotSameAs(first.connection());
    assertThat(second.get("/").join()).isEqualTo(200);
    assertThat(first.get("/").join()).isEqualTo(200);
    assertThat(state(upstream).idleConnections()).isEqualTo(2);

    Pools.Wish third = pools.wish(0, upstream);
    assertThat(third.connection()).isSameAs(first.connection());
    assertThat(third.isPooled()).isTrue();
    assertThat(third.connection().requests()).isEqualTo(1);
    assertThat(third.get("/").join()).isEqualTo(200);
  }

  @Test
  void makesFreshConnectionWhereOneIsWanted() {
    Upstream upstream = upstream(limits(10, 10));
    Pools.Wish used = pools.wish(0, upstream);
    used.get("/").join();
    Pools.Wish fresh = pools.wish(0, upstream, List.of(), true);
    assertThat(fresh.connection()).isNotSameAs(used.connection());
    assertThat(fresh.isPooled()).isFalse();
  }

  @Test
  void leavesConnectionsToExcludedAddresses() {
    Upstream upstream = upstream(limits(10, 10));
    pools.wish(0, upstream).get("/").join();
    Pools.Wish other = pools.wish(0, upstream, List.of(InetAddress.ofLiteral("127.0.0.1")), false);
    assertThat(other.outcome()).isEqualTo(Optional.empty());
  }

  @Test
  void queuesBeyondTheLimitAndServesInOrder() {
    Upstream upstream = upstream(limits(1, 2));
    Pools.Wish holder = pools.wish(0, upstream);
    holder.connection();
    Pools.Wish second = pools.wish(0, upstream);
    Pools.Wish third = pools.wish(0, upstream);
    Pools.Wish fourth = pools.wish(0, upstream);
    assertThat(fourth.outcome()).isEqualTo(Limit.POOL_QUEUE);
    assertThat(second.isOver()).isFalse();

    holder.get("/").join();
    assertThat(second.connection()).isSameAs(holder.connection());
    assertThat(third.isOver()).isFalse();
    second.get("/").join();
    assertThat(third.connection()).isSameAs(holder.connection());
    third.get("/").join();
    assertThat(state(upstream).permits().open()).isEqualTo(1);
    assertThat(state(upstream).permits().pending()).isZero();
    assertThat(server.traffic().connections()).isEqualTo(1);
  }

  @Test
  void rejectsWhoWaitedTooLong() {
    Upstream upstream =
        upstream(
            new UpstreamSettings.Pool(1, 5, Duration.ofMillis(100), Duration.ofSeconds(60), 0));
    Pools.Wish holder = pools.wish(0, upstream);
    holder.connection();
    assertThat(pools.wish(0, upstream).outcome()).isEqualTo(Limit.POOL_WAIT);
    assertThat(state(upstream).permits().pending()).isZero();
  }

  @Test
  void wakesWaiterOnAnotherLoopWhenPermitIsFreed() {
    Upstream upstream = upstream(limits(1, 5));
    Pools.Wish holder = pools.wish(0, upstream);
    UpstreamConnection connection = holder.connection();
    Pools.Wish waiter = pools.wish(1, upstream);
    await(() -> state(upstream).permits().pending() == 1);
    pools.loops.getFirst().execute(connection::close);
    assertThat(waiter.connection()).isNotSameAs(connection);
    assertThat(state(upstream).permits().open()).isEqualTo(1);
  }

  @Test
  void givesIdleConnectionUpForAnotherLoop() {
    Upstream upstream = upstream(limits(1, 5));
    pools.wish(0, upstream).get("/").join();
    assertThat(state(upstream).idleConnections()).isEqualTo(1);
    assertThat(pools.wish(1, upstream).get("/").join()).isEqualTo(200);
    assertThat(state(upstream).permits().open()).isEqualTo(1);
  }

  @Test
  void letsLoopWithoutConnectionsHaveItsTurn() {
    Upstream upstream = upstream(limits(1, 5));
    Pools.Wish holder = pools.wish(0, upstream);
    holder.connection();
    Pools.Wish other = pools.wish(1, upstream);
    await(() -> state(upstream).permits().pending() == 1);
    Pools.Wish own = pools.wish(0, upstream);
    await(() -> state(upstream).permits().pending() == 2);
    holder.get("/").join();
    assertThat(other.get("/").join()).as("it came first, and has none").isEqualTo(200);
    assertThat(own.get("/").join()).isEqualTo(200);
  }

  @Test
  void passesThePermitOnWhenDialFails() {
    server.fault(new Fault.NothingListens());
    Upstream upstream = upstream(limits(1, 5));
    List<Pools.Wish> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      all.add(pools.wish(i % 2, upstream));
    }
    assertThat(all)
        .allSatisfy(each ->
            assertThat(((DialFailure) each.outcome()).failure())
                .isEqualTo(new AttemptFailure.ConnectRefused()));
    await(() -> state(upstream).permits().open() == 0);
  }

  @Test
  void keepsConnectionThatNobodyWaitsForAnyMore() {
    Upstream upstream = upstream(limits(5, 5));
    Pools.Wish wish = pools.wishGivenUp(0, upstream);
    await(() -> state(upstream).idleConnections() == 1);
    assertThat(wish.isOver()).isFalse();
    assertThat(pools.wish(0, upstream).isPooled()).isTrue();
  }

  @Test
  void forgetsWhoGaveUpWaiting() {
    Upstream upstream = upstream(limits(1, 5));
    Pools.Wish holder = pools.wish(0, upstream);
    holder.connection();
    Pools.Wish gone = pools.wish(0, upstream);
    gone.cancelOnLoop();
    assertThat(state(upstream).permits().pending()).isZero();
    holder.get("/").join();
    assertThat(gone.isOver()).isFalse();
    assertThat(pools.wish(0, upstream).connection()).isSameAs(holder.connection());
  }

  @Test
  void dropsConnectionThatTheServerClosedWhileIdle() {
    Upstream upstream = upstream(limits(5, 5));
    pools.wish(0, upstream).get("/").join();
    server.closeConnections();
    await(() -> state(upstream).idleConnections() == 0);
    await(() -> state(upstream).permits().open() == 0);
    assertThat(pools.wish(0, upstream).isPooled()).isFalse();
  }

  @Test
  void takesNoConnectionThatTheServerHasEndedForARequestThatMustNotBeSentTwice() {
    Upstream upstream = upstream(limits(5, 5));
    Pools.Wish used = pools.wish(0, upstream);
    used.get("/").join();
    Channel channel = used.connection().channel();
    Runnable ended =
        () -> {
          server.closeConnections();
          await(() -> Transport.acknowledgedUnlessEnded(channel) == Transport.ENDED);
        };
    assertThat(pools.wishUnrepeatable(0, upstream, ended).isPooled()).isFalse();
  }

  @Test
  void knowsByTheKernelWhetherARequestCameToAServerThatEndedTheConnection() {
    Upstream upstream = upstream(limits(5, 5));
    Pools.Wish idle = pools.wish(0, upstream);
    Channel channel = idle.connection().channel();
    await(() -> server.openConnections() == 1);
    Runnable ended =
        () -> {
          server.closeConnections();
          // Its end is announced before its socket is gone, which still acknowledges meanwhile.
          await(() ->
              server.openConnections() == 0
                  && Transport.acknowledgedUnlessEnded(channel) == Transport.ENDED);
        };
    assertThat(idle.acknowledged(ended).join()).isZero();
    Pools.Wish taken = pools.wish(0, upstream);
    taken.get("/").join();
    server.fault(new Fault.CloseBeforeResponse());
    assertThat(taken.acknowledged(() -> {}).join()).isPositive();
  }

  @Test
  void heedsWhatTheServerSaysOfItsIdleConnections() {
    Upstream upstream = upstream(limits(5, 5));
    server.fault(
        new Fault.Answers(Response.text(200, "ok").with("Keep-Alive", "max=7, timeout=1")));
    UpstreamConnection first = pools.wish(0, upstream).connection();
    UpstreamConnection used = roundTrip(upstream);
    assertThat(Duration.ofNanos(used.idleLimitNanos())).isEqualTo(Duration.ofMillis(500));
    assertThat(first.idleLimitNanos()).isEqualTo(Long.MAX_VALUE);
    server.fault(
        new Fault.Answers(Response.text(200, "ok").with("Keep-Alive", "timeout=9, max=0")));
    assertThat(roundTrip(upstream).isReusable()).isFalse();
  }

  /// A connection that has just carried a request.
  private UpstreamConnection roundTrip(Upstream upstream) {
    Pools.Wish wish = pools.wish(0, upstream);
    wish.get("/").join();
    return wish.connection();
  }

  @Test
  void learnsWhenTheServerClosesIdleConnections() throws IOException {
    try (FaultyServer impatient =
        FaultyServer.builder().idleClose(Duration.ofMillis(400)).start()) {
      Upstream upstream = upstream(impatient, limits(5, 5));
      IdleClose idleClose = state(upstream).idleClose();
      // A server that waits for a processor closes late: two of its closes have to be in time.
      for (int i = 0; i < 2 || (i < 20 && !isLearned(idleClose)); i++) {
        pools.wish(0, upstream).get("/").join();
        await(() -> state(upstream).permits().open() == 0);
      }
      assertThat(isLearned(idleClose)).as("%d ns", idleClose.learnedNanos()).isTrue();
      long limit = idleClose.limitNanos(Long.MAX_VALUE);
      assertThat(Duration.ofNanos(limit)).isLessThan(Duration.ofMillis(400));
    }
  }

  private static boolean isLearned(IdleClose idleClose) {
    Duration learned = Duration.ofNanos(idleClose.learnedNanos());
    return learned.compareTo(Duration.ofMillis(350)) >= 0
        && learned.compareTo(Duration.ofMillis(700)) <= 0;
  }

  @Test
  void closesWhatIsIdleTooLong() {
    Upstream upstream =
        upstream(new UpstreamSettings.Pool(5, 5, Duration.ofSeconds(1), Duration.ofMillis(50), 0));
    pools.wish(0, upstream).get("/").join();
    await(() -> state(upstream).permits().open() == 0);
    await(() -> state(upstream).idleConnections() == 0);
  }

  @Test
  void closesIdleConnectionsOfRetiredEndpoints() {
    Upstream upstream = upstream(limits(5, 5));
    pools.wish(0, upstream).get("/").join();
    state(upstream).retire();
    await(() -> state(upstream).permits().open() == 0);
  }

  @Test
  void leavesConnectionsToAddressesThatTheNameLost() {
    Upstream upstream = upstream(limits(5, 5));
    Pools.Wish before = pools.wish(0, upstream);
    before.get("/").join();
    pools.dials.book.override(
        "shop.test", List.of(InetAddress.ofLiteral("127.0.0.2")), Duration.ofMinutes(1));
    Pools.Wish after = pools.wish(0, upstream);
    assertThat(((DialFailure) after.outcome()).address())
        .contains(InetAddress.ofLiteral("127.0.0.2"));
  }

  @Test
  void classifiesClosesAndResets() {
    Upstream upstream = upstream(limits(5, 5));
    server.fault(new Fault.CloseBeforeResponse());
    assertThat(pools.wish(0, upstream).get("/").join())
        .isEqualTo(new AttemptFailure.ConnectionLost(Phase.AWAIT_RESPONSE, Closing.FIN));
    server.fault(new Fault.ResetBeforeResponse());
    assertThat(pools.wish(0, upstream).get("/").join())
        .isEqualTo(new AttemptFailure.ConnectionLost(Phase.AWAIT_RESPONSE, Closing.RESET));
    server.fault(new Fault.ResetMidBody(100));
    assertThat(pools.wish(0, upstream).get("/").join())
        .isEqualTo(new AttemptFailure.ConnectionLost(Phase.READ_RESPONSE, Closing.RESET));
    await(() -> state(upstream).permits().open() == 0);
  }

  @Test
  void readsAlertThatComesAfterTheHandshake() throws IOException {
    Pki pki = Pki.of("shop.test");
    try (FaultyServer secure = FaultyServer.startTls(pki)) {
      secure.tlsFault(new TlsFault.ClientCertificateRequired());
      Endpoint endpoint = new Endpoint(Endpoint.Scheme.HTTPS, "shop.test", secure.port());
      UpstreamSettings.Tls tls =
          new UpstreamSettings.Tls(true, Optional.empty(), List.of(pki.root()), Optional.empty());
      Upstream upstream =
          new Upstream(
              TestUpstreams.of(endpoint).tls(tls).connectTimeout(Duration.ofSeconds(10)).settings(),
              System::nanoTime);
      Pools.Wish wish = pools.wish(0, upstream);
      assertThat(wish.get("/").join())
          .isInstanceOfSatisfying(
              AttemptFailure.TlsRejected.class,
              rejected -> {
                assertThat(rejected.problem()).isEqualTo(TlsProblem.ALERT_RECEIVED);
                assertThat(rejected.alert()).isIn(42, 116);
              });
    }
  }

  /// What was on its way when a server left may be to what left: who wants a fresh one waits for
  /// none but those that were begun for the same reason.
  @Test
  void sharesNoEarlierDialWhereAFreshConnectionIsWanted() throws Exception {
    Pki pki = Pki.of("shop.test");
    try (FramedServer shared = FramedServer.startTls(pki, "h2")) {
      Endpoint endpoint = new Endpoint(Endpoint.Scheme.HTTPS, "shop.test", shared.port());
      UpstreamSettings.Tls tls =
          new UpstreamSettings.Tls(true, Optional.empty(), List.of(pki.root()), Optional.empty());
      Upstream upstream =
          new Upstream(
              TestUpstreams.of(endpoint).tls(tls).connectTimeout(Duration.ofSeconds(10)).settings(),
              System::nanoTime);
      UpstreamConnection known = pools.wish(0, upstream).connection();
      List<Pools.Wish> wishes =
          pools.on(
              0,
              () -> {
                known.close();
                return List.of(
                    pools.wish(0, upstream),
                    pools.wish(0, upstream),
                    pools.wish(0, upstream, List.of(), true),
                    pools.wish(0, upstream, List.of(), true));
              });
      UpstreamConnection earlier = wishes.get(0).connection();
      UpstreamConnection fresh = wishes.get(2).connection();
      assertThat(wishes.get(1).connection()).isSameAs(earlier);
      assertThat(fresh).isNotSameAs(earlier);
      assertThat(wishes.get(3).connection()).isSameAs(fresh);
    }
  }

  @Test
  void servesManyOverFewConnectionsFromBothLoops() {
    Upstream upstream = upstream(limits(3, 1000));
    List<CompletableFuture<Object>> answers = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      Pools.Wish wish = pools.wish(i % 2, upstream);
      answers.add(
          CompletableFuture.supplyAsync(
              () -> wish.get("/").join(), task -> Thread.ofVirtual().start(task)));
    }
    assertThat(answers).allSatisfy(each -> assertThat(each.join()).isEqualTo(200));
    assertThat(state(upstream).permits().open()).isLessThanOrEqualTo(3);
    assertThat(state(upstream).permits().pending()).isZero();
  }

  private Upstream upstream(UpstreamSettings.Pool limits) {
    return upstream(server, limits);
  }

  private static Upstream upstream(FaultyServer server, UpstreamSettings.Pool limits) {
    Endpoint endpoint = new Endpoint(Endpoint.Scheme.HTTP, "shop.test", server.port());
    return new Upstream(TestUpstreams.of(endpoint).pool(limits).settings(), System::nanoTime);
  }

  private static UpstreamSettings.Pool limits(int connections, int pending) {
    return new UpstreamSettings.Pool(
        connections, pending, Duration.ofSeconds(30), Duration.ofSeconds(60), 0);
  }

  private static EndpointState state(Upstream upstream) {
    return upstream.endpoints().getFirst();
  }
}
