package io.whygate.gateway.exchange;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.faults.FaultyServer;
import io.whygate.gateway.RawClient;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/// The moments at which an exchange, its attempt and its connection have to agree.
class ConcertTest {

  @Test
  void recordsAnAttemptBeforeItsConnectionCarriesTheNextRequest() throws Exception {
    String body = "x".repeat(5000);
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              peer.head();
              peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + body);
              peer.serve();
            });
        RunningGateway gateway = RunningGateway.before("pool.max-connections = 1", server.uri());
        RawClient first = gateway.client();
        RawClient second = gateway.client()) {
      first.send("GET /first HTTP/1.1\r\nHost: test\r\n\r\n");
      RunningGateway.await(() -> server.heads().size() == 1 || gateway.outstanding() == 1);
      second.send("GET /second HTTP/1.1\r\nHost: test\r\n\r\n");
      assertThat(first.answer().body()).isEqualTo(body);
      assertThat(second.answer().body()).isEqualTo("ok");

      String record =
          gateway.records(2).stream().filter(each -> each.contains("/first")).findFirst().get();
      assertThat(record).contains("\"bytes_received\":5041");
    }
  }

  @Test
  void givesAnUploadAfterItsContinueTheTimeThatItTakes() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              peer.head();
              peer.send("HTTP/1.1 100 Continue\r\n\r\n");
              peer.in().readNBytes(10);
              peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
              peer.head();
            });
        RunningGateway gateway = RunningGateway.before("response-timeout = 2s", server.uri());
        RawClient client = gateway.client()) {
      client.send(
          "PUT / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(100);
      client.send("01234");
      pause(2300);
      client.send("56789");
      assertThat(client.answer().status()).isEqualTo(200);
    }
  }

  @Test
  void passesAnAnswerOnThatCameBeforeTheServerRefusedTheRestOfTheContent() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              peer.head();
              peer.send(
                  "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\n"
                      + "Content-Length: 9\r\n\r\ntoo large");
            });
        RunningGateway gateway = RunningGateway.before("", server.uri())) {
      for (int i = 0; i < 20; i++) {
        try (RawClient client = gateway.client()) {
          Thread upload =
              Thread.ofVirtual()
                  .start(() -> {
                    try {
                      client.send(
                          "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 3000000\r\n\r\n");
                      client.send("x".repeat(3_000_000));
                    } catch (IOException e) {
                      // Refused: what the answer says.
                    }
                  });
          RawClient.Answer answer = client.answer();
          assertThat(answer.status()).as("request " + i + ": " + answer).isEqualTo(413);
          assertThat(answer.body()).isEqualTo("too large");
          upload.join();
        }
      }
    }
  }

  @Test
  void recordsEachAttemptOnceWhenTheClientLeavesDuringTheExamination() throws Exception {
    try (ScriptedServer server = new ScriptedServer((peer, _) -> peer.head());
        RunningGateway gateway = RunningGateway.before("", server.uri())) {
      try (RawClient client = gateway.client()) {
        client.send("POST /left HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n");
        RunningGateway.await(() -> !server.heads().isEmpty() && gateway.outstanding() == 0);
      }
      String record = gateway.records(1).getFirst();
      assertThat(record.split("\"endpoint\":", -1)).as(record).hasSize(2);
    }
  }

  @Test
  void sendsTheTrailersAgainWithTheContent() throws Exception {
    String chunks = "5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n";
    try (ScriptedServer server =
            new ScriptedServer((peer, number) -> {
              peer.head();
              if (number == 1) {
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                peer.head();
                peer.in().readNBytes(chunks.length());
                return;
              }
              String came = new String(peer.in().readNBytes(chunks.length()), US_ASCII);
              peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + came.length() + "\r\n\r\n" + came);
            });
        RunningGateway gateway = RunningGateway.before("", server.uri());
        RawClient client = gateway.client()) {
      assertThat(client.get("/").answer().body()).isEqualTo("ok");
      client.send("PUT / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks);
      assertThat(client.answer().body()).isEqualTo(chunks);
      assertThat(server.accepted()).isEqualTo(2);
    }
  }

  @Test
  void answersWhatWasPipelinedBeforeTheClientEndedItsDirection() throws Exception {
    try (FaultyServer server = FaultyServer.start();
        RunningGateway gateway = RunningGateway.before("", server.uri());
        RawClient client = gateway.client()) {
      client
          .get("/bytes/1")
          .get("/bytes/2")
          .send("GET /bytes/3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      client.endOutput();
      assertThat(client.answer().body()).hasSize(1);
      assertThat(client.answer().body()).hasSize(2);
      assertThat(client.answer().body()).hasSize(3);
      assertThat(client.isEnded()).isTrue();
    }
  }

  @Test
  void beginsNoPipelinedRequestWhileTheClientDoesNotRead() throws Exception {
    int requests = 10_000;
    try (FaultyServer server = FaultyServer.start();
        RunningGateway gateway = RunningGateway.before("", server.uri());
        RawClient client = new RawClient(gateway.address(), 4096)) {
      Thread sender =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  for (int i = 0; i < requests; i++) {
                    client.get("/bytes/3000");
                  }
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      stalls(() -> server.traffic().requests());
      assertThat(server.traffic().requests()).isLessThan(requests / 2);
      for (int i = 0; i < requests; i++) {
        assertThat(client.answer().body()).hasSize(3000);
      }
      sender.join();
    }
  }

  /// Waits until a count has begun and then stays as it is for a while.
  private static void stalls(LongSupplier count) {
    AtomicLong last = new AtomicLong();
    AtomicLong since = new AtomicLong(System.nanoTime());
    RunningGateway.await(() -> {
      long now = count.getAsLong();
      if (now == 0 || last.getAndSet(now) != now) {
        since.set(System.nanoTime());
      }
      return System.nanoTime() - since.get() > 500_000_000;
    });
  }

  @Test
  void closesAConnectionWhoseAnswerHadBegunBeforeTheDrain() throws Exception {
    CountDownLatch draining = new CountDownLatch(1);
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              peer.head();
              peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234");
              draining.await();
              peer.send("56789").head();
            });
        RunningGateway gateway = RunningGateway.before("", server.uri());
        RawClient client = gateway.client()) {
      client.get("/");
      assertThat(client.bytes(15)).isEqualTo("HTTP/1.1 200 OK");
      Thread drain = Thread.ofVirtual().start(() -> drain(gateway));
      RunningGateway.await(() -> drain.getState() == Thread.State.TIMED_WAITING);
      long before = System.nanoTime();
      draining.countDown();
      assertThat(new String(client.in().readAllBytes(), US_ASCII)).endsWith("0123456789");
      drain.join();
      assertThat(System.nanoTime() - before).isLessThan(TimeUnit.SECONDS.toNanos(30));
    }
  }

  private static void drain(RunningGateway gateway) {
    try {
      gateway.gateway().drain();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void leavesASlowClientTheTimeToTakeTheEndOfItsLastAnswer() throws Exception {
    try (FaultyServer server = FaultyServer.start();
        RunningGateway gateway =
            RunningGateway.before("timeouts.header = 600ms", "", server.uri());
        RawClient client = new RawClient(gateway.address(), 4096)) {
      client.send(
          "POST /bytes/600000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
              + "Content-Length: 1\r\n\r\nx");
      gateway.records(1);
      pause(1500);
      assertThat(client.answer().body()).hasSize(600_000);
    }
  }

  /// Lets time pass: what is waited for is that nothing happens.
  private static void pause(long millis) throws InterruptedException {
    assertThat(new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS)).isFalse();
  }

  @Test
  void endsATunnelDirectionOnlyAfterAllOfItsBytes() throws Exception {
    int size = 4_000_000;
    CountDownLatch sent = new CountDownLatch(1);
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              peer.head();
              peer.send("HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: raw\r\n\r\n");
              sent.await();
              int count = peer.in().readAllBytes().length;
              peer.send("got " + count);
            });
        RunningGateway gateway = RunningGateway.before("", server.uri());
        RawClient client = gateway.client()) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: raw\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(101);
      Thread.ofVirtual()
          .start(() -> {
            try {
              client.send("x".repeat(size)).endOutput();
            } catch (IOException e) {
              throw new AssertionError(e);
            }
          });
      pause(300);
      sent.countDown();
      assertThat(new String(client.in().readAllBytes(), US_ASCII)).isEqualTo("got " + size);
      assertThat(gateway.records(1).getFirst()).contains("\"outcome\":\"completed\"");
      RunningGateway.await(() -> gateway.outstanding() == 0);
    }
  }

  @Test
  void acceptsAgainAfterEachClientAtTheLimit() throws Exception {
    try (FaultyServer server = FaultyServer.start();
        RunningGateway gateway = RunningGateway.before("max-connections = 1", "", server.uri())) {
      for (int i = 0; i < 200; i++) {
        try (RawClient client = gateway.client()) {
          assertThat(client.get("/bytes/1").answer().status()).isEqualTo(200);
        }
      }
    }
  }
}
