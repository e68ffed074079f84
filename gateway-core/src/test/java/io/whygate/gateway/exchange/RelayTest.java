package io.whygate.gateway.exchange;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.gateway.RawClient;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// How answers, contents and tunnels pass, and how each side learns that the other is gone.
class RelayTest {

  static List<Fault> truncations() {
    return List.of(
        new Fault.CloseMidBody(100),
        new Fault.ResetMidBody(100),
        new Fault.CloseMidChunk(),
        new Fault.MissingLastChunk(),
        new Fault.BadChunk());
  }

  @ParameterizedTest
  @MethodSource("truncations")
  void neverLetsATruncatedAnswerLookWhole(Fault fault) throws Exception {
    try (FaultyServer server = FaultyServer.start();
        RunningGateway gateway = RunningGateway.before("", server.uri())) {
      server.fault(fault);
      try (RawClient client = gateway.client()) {
        assertThatThrownBy(() -> client.get("/").answer()).isInstanceOf(IOException.class);
      }
      try (RawClient old = gateway.client()) {
        old.send("GET / HTTP/1.0\r\n\r\n");
        assertThatThrownBy(old::answer).isInstanceOf(IOException.class);
      }
      assertThat(gateway.records(2)).allMatch(each -> each.contains("\"outcome\":\"truncated\""));
      // Told once the cause is known, when the client's connection is long gone.
      assertThat(gateway.records(2))
          .allMatch(
              each -> each.contains("\"method\":\"GET\"") && each.contains("\"target\":\"/\""));
      RunningGateway.await(() -> gateway.outstanding() == 0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bytes/70000", "/chunked/70000", "/until-close/70000"})
  void framesForOldClientsByTheEndOfTheConnection(String path) throws Exception {
    try (FaultyServer server = FaultyServer.start();
        RunningGateway gateway = RunningGateway.before("", server.uri());
        RawClient client = gateway.client()) {
      client.send("GET " + path + " HTTP/1.0\r\nHost: a\r\n\r\n");
      RawClient.Answer answer = client.answer();
      assertThat(answer.body()).hasSize(70000);
      assertThat(answer.field("Transfer-Encoding")).isEmpty();
      assertThat(answer.field("Connection")).isEqualTo("close");
      assertThat(client.isEnded()).isTrue();
    }
  }

  @Test
  void cancelsTheRequestOfAClientThatLeft() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              peer.head();
              if (peer.in().read() < 0) {
                ended.countDown();
              }
            });
        RunningGateway gateway = RunningGateway.before("", server.uri())) {
      try (RawClient client = gateway.client()) {
        client.get("/");
        RunningGateway.await(() -> !server.heads().isEmpty());
      }
      assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(gateway.records(1).getFirst()).contains("\"outcome\":\"abandoned\"");
      RunningGateway.await(() -> gateway.outstanding() == 0);
    }
  }

  @Test
  void holdsLittleOfALargeAnswerForAClientThatReadsSlowly() throws Exception {
    long size = 256L * 1024 * 1024;
    try (FaultyServer server = FaultyServer.start();
        RunningGateway gateway = RunningGateway.before("", server.uri());
        RawClient client = new RawClient(gateway.address(), 64 * 1024)) {
      long before = memory();
      client.get("/bytes/" + size);
      byte[] buffer = new byte[1024 * 1024];
      long most = 0;
      long got = 0;
      long expected = size;
      while (got < expected) {
        int n = client.in().read(buffer);
        assertThat(n).isPositive();
        if (got == 0) {
          expected += new String(buffer, 0, n, US_ASCII).indexOf("\r\n\r\n") + 4;
        }
        got += n;
        most = Math.max(most, memory() - before);
      }
      assertThat(got).isEqualTo(expected);
      assertThat(most).isLessThan(16L * 1024 * 1024);
    }
  }

  private static long memory() {
    return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric().usedDirectMemory();
  }

  @Test
  void answersPipelinedRequestsInOrderWithErrorsAmongThem() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              for (String head = peer.head(); !head.isEmpty(); head = peer.head()) {
                String path = head.split(" ")[1];
                peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                peer.send("3\r\n" + path + "\r\n");
                peer.send("0\r\nX-T: " + path + "\r\n\r\n");
              }
            });
        RunningGateway gateway = RunningGateway.before("", server.uri());
        RawClient client = gateway.client()) {
      client.send(
          "GET /aa HTTP/1.1\r\nHost: a\r\n\r\n"
              + "TRACE / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n"
              + "GET /../.. HTTP/1.1\r\nHost: a\r\n\r\n"
              + "GET /bb HTTP/1.1\r\nHost: a\r\n\r\n"
              + "broken\r\n\r\n"
              + "GET /cc HTTP/1.1\r\nHost: a\r\n\r\n");
      RawClient.Answer first = client.answer();
      assertThat(first.body()).isEqualTo("/aa");
      assertThat(first.field("X-T")).isEqualTo("/aa");
      assertThat(client.answer().status()).isEqualTo(405);
      assertThat(client.answer().status()).isEqualTo(400);
      assertThat(client.answer().body()).isEqualTo("/bb");
      assertThat(client.answer().status()).isEqualTo(400);
      assertThat(client.isEnded()).isTrue();
      assertThat(gateway.records(5)).hasSize(5);
    }
  }

  @Test
  void goesOnAfterAnAnswerThatCameBeforeTheContent() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              peer.head();
              peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly");
              peer.in().readAllBytes();
            });
        RunningGateway gateway = RunningGateway.before("", server.uri());
        RawClient client = gateway.client()) {
      client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234");
      assertThat(client.answer().body()).isEqualTo("early");
      client.send("56789").get("/again");
      assertThat(client.answer().body()).isEqualTo("early");
      assertThat(server.accepted()).isEqualTo(2);
    }
  }

  @Test
  void passesBothWaysOfATunnelUntilBothHaveEnded() throws Exception {
    CountDownLatch heard = new CountDownLatch(1);
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              peer.head();
              peer.send(
                  "HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: raw\r\n\r\nfirst words");
              peer.socket().shutdownOutput();
              if (new String(peer.in().readAllBytes(), US_ASCII).equals("last words")) {
                heard.countDown();
              }
            });
        RunningGateway gateway = RunningGateway.before("", server.uri());
        RawClient client = gateway.client()) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: raw\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(101);
      assertThat(client.bytes(11)).isEqualTo("first words");
      assertThat(client.isEnded()).isTrue();
      client.send("last words").endOutput();
      assertThat(heard.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(gateway.records(1).getFirst())
          .contains("\"status\":101", "\"outcome\":\"completed\"");
      RunningGateway.await(() -> gateway.outstanding() == 0);
    }
  }

  @Test
  void passesOnTheServersOwn503WithWhatItMeans() throws Exception {
    try (FaultyServer server = FaultyServer.start();
        RunningGateway gateway = RunningGateway.before("", server.uri());
        RawClient client = gateway.client()) {
      server.fault(new Fault.Maintenance503(Duration.ofSeconds(90)));
      for (int i = 0; i < 3; i++) {
        RawClient.Answer answer = client.get("/").answer();
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.field("Retry-After")).isEqualTo("90");
        assertThat(answer.field("Whygate-Incident")).isNotEmpty();
        client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(client.answerToHead().status()).isEqualTo(503);
      }
      server.mend();
      assertThat(client.get("/bytes/4").answer().body()).hasSize(4);
    }
  }

  @Test
  void keepsTheBytesBehindAnAnswerToHeadAwayFromTheNextRequest() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              if (peer.head().startsWith("HEAD")) {
                peer.send(
                    "HTTP/1.1 503 No\r\nContent-Length: 40\r\n\r\n"
                        + "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad");
              } else {
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood");
              }
              peer.head();
            });
        RunningGateway gateway = RunningGateway.before("", server.uri());
        RawClient client = gateway.client()) {
      for (int i = 0; i < 5; i++) {
        client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
        client.get("/");
        assertThat(client.answerToHead().status()).isEqualTo(503);
        assertThat(client.answer().body()).isEqualTo("good");
      }
    }
  }

  @Test
  void passesHeadAndPiecesOfASmallAnswerOnAsTheyCome() throws Exception {
    Semaphore goesOn = new Semaphore(0);
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              peer.head();
              peer.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n");
              goesOn.acquireUninterruptibly();
              peer.send("one");
              goesOn.acquireUninterruptibly();
              peer.send("two");
              peer.serve();
            });
        RunningGateway gateway = RunningGateway.before("", server.uri());
        RawClient client = gateway.client()) {
      client.get("/");
      assertThat(client.answerToHead().status()).isEqualTo(200);
      goesOn.release();
      assertThat(client.bytes(3)).isEqualTo("one");
      goesOn.release();
      assertThat(client.bytes(3)).isEqualTo("two");
      assertThat(client.get("/").answer().status()).isEqualTo(200);
    }
  }

  @Test
  void cutsASmallAnswerOffWhoseContentNeverComes() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              peer.head();
              peer.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\non");
            });
        RunningGateway gateway = RunningGateway.before("", server.uri());
        RawClient client = gateway.client()) {
      client.get("/");
      assertThat(client.answerToHead().status()).isEqualTo(200);
      assertThat(client.bytes(2)).isEqualTo("on");
      assertThat(client.isEnded()).isTrue();
    }
  }

  @Test
  void endsTheStreamOfAnIncidentWithTheGatewayAndWithItsClient() throws Exception {
    try (FaultyServer server = FaultyServer.start();
        RunningGateway gateway = RunningGateway.before("", server.uri());
        RawClient client = gateway.client();
        RawClient watcher = gateway.client()) {
      server.fault(new Fault.CloseBeforeResponse());
      String incident = client.get("/").answer().field("Whygate-Incident");
      try (RawClient leaver = gateway.client()) {
        leaver.get(PublicPaths.PREFIX + "incidents/" + incident + "/events");
        assertThat(leaver.bytes(15)).isEqualTo("HTTP/1.1 200 OK");
      }
      assertThat(gateway.records(2).get(1)).contains("\"outcome\":\"abandoned\"");

      watcher.get(PublicPaths.PREFIX + "incidents/" + incident + "/events");
      assertThat(watcher.bytes(15)).isEqualTo("HTTP/1.1 200 OK");
      long before = System.nanoTime();
      gateway.gateway().drain();
      assertThat(System.nanoTime() - before).isLessThan(TimeUnit.SECONDS.toNanos(30));
      assertThat(new String(watcher.in().readAllBytes(), US_ASCII)).endsWith("0\r\n\r\n");
    }
  }
}
