package io.whygate.gateway.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.gateway.RawClient;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.URI;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Each wait has an end, and the end has the right name.
class TimeLimitsTest {
  private static final String POST = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ";

  private final CountDownLatch over = new CountDownLatch(1);

  @Test
  void forTheAnswer() throws Exception {
    try (FaultyServer server = FaultyServer.start();
        RunningGateway gateway = RunningGateway.before("response-timeout = 200ms", server.uri());
        RawClient client = gateway.client()) {
      server.fault(new Fault.AcceptThenSilence());
      RawClient.Answer answer = client.get("/").answer();
      assertThat(answer.status()).isEqualTo(504);
      assertThat(client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").answerToHead().status())
          .isEqualTo(504);
      server.mend();
      // A machine that is busy may let the time run out once more.
      int status = client.get("/bytes/3").answer().status();
      for (int again = 0; status == 504 && again < 20; again++) {
        status = client.get("/bytes/3").answer().status();
      }
      assertThat(status).isEqualTo(200);
    }
  }

  @Test
  void forAConnection() throws Exception {
    try (FaultyServer server = FaultyServer.start();
        RunningGateway gateway = RunningGateway.before("connect-timeout = 200ms", server.uri());
        RawClient client = gateway.client()) {
      server.fault(new Fault.BacklogFull());
      assertThat(client.send(POST + "2\r\n\r\nhi").answer().status()).isEqualTo(504);
      RunningGateway.await(() -> gateway.outstanding() == 0);
    }
  }

  @Test
  void forTheNextPieceOfAnAnswer() throws Exception {
    try (FaultyServer server = FaultyServer.start();
        RunningGateway gateway = RunningGateway.before("idle-timeout = 200ms", server.uri());
        RawClient client = gateway.client()) {
      server.fault(new Fault.StallMidBody(100));
      assertThat(isCutOff(client.get("/"))).isTrue();
      assertThat(gateway.records(1).getFirst())
          .contains("\"outcome\":\"truncated\"", "\"status\":200");
      RunningGateway.await(() -> gateway.outstanding() == 0);
    }
  }

  @Test
  void forAServerThatStopsTakingContent() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              peer.head();
              over.await();
            });
        RunningGateway gateway = RunningGateway.before("idle-timeout = 300ms", server.uri());
        RawClient client = gateway.client()) {
      Thread upload = Thread.ofVirtual().start(() -> sendMuch(client, 50_000_000));
      assertThat(client.answer().status()).isEqualTo(504);
      over.countDown();
      client.socket().close();
      upload.join();
      assertThat(gateway.records(1).getFirst()).contains("\"attempts\":[{");
    }
  }

  /// The gateway has the request whole and cannot get rid of it: no server "takes long to answer".
  @ParameterizedTest
  @ValueSource(ints = {20_000, 80_000, 300_000})
  void forAServerThatReadsNothingOfARequestThatCameWhole(int size) throws Exception {
    try (ServerSocket server = new ServerSocket()) {
      server.setReceiveBufferSize(4_096);
      server.bind(new InetSocketAddress("127.0.0.1", 0));
      URI at = URI.create("http://127.0.0.1:" + server.getLocalPort());
      try (RunningGateway gateway =
              RunningGateway.before("response-timeout = 800ms, idle-timeout = 800ms", at);
          RawClient client = gateway.client()) {
        Thread upload =
            Thread.ofVirtual()
                .start(() -> {
                  try {
                    client.send(POST + size + "\r\n\r\n" + "x".repeat(size));
                  } catch (IOException e) {
                    // The gateway gave up before the end.
                  }
                });
        RawClient.Answer answer = client.answer();
        assertThat(answer.status()).isEqualTo(504);
        assertThat(answer.field("Proxy-Status")).contains("error=connection_write_timeout");
        client.socket().close();
        upload.join();
        RunningGateway.await(() -> gateway.outstanding() == 0);
      }
    }
  }

  private static void sendMuch(RawClient client, int size) {
    try {
      client.send(POST + size + "\r\n\r\n");
      for (int i = 0; i < size / 10_000; i++) {
        client.send("x".repeat(10_000));
      }
    } catch (IOException e) {
      // The gateway gave up before the end: what the test is about.
    }
  }

  @Test
  void forAClientThatStallsInItsContentWhileTheServerWaits() throws Exception {
    try (FaultyServer server = FaultyServer.start();
        RunningGateway gateway = RunningGateway.before("timeouts.body = 200ms", "", server.uri());
        RawClient client = gateway.client()) {
      server.fault(new Fault.AcceptThenSilence());
      assertThat(client.send(POST + "5\r\n\r\nhe").answer().status()).isEqualTo(408);
      assertThat(client.isEnded()).isTrue();
      assertThat(gateway.records(1).getFirst()).contains("\"status\":408");
      RunningGateway.await(() -> gateway.outstanding() == 0 && server.openConnections() == 0);
    }
  }

  @Test
  void notForAClientThatWaitsToBeToldToSendItsContent() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              while (!peer.head().isEmpty()) {
                assertThat(over.await(1_500, TimeUnit.MILLISECONDS)).isFalse();
                peer.send("HTTP/1.1 100 Continue\r\n\r\n");
                peer.in().readNBytes(2);
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
              }
            });
        RunningGateway gateway = RunningGateway.before("timeouts.body = 700ms", "", server.uri());
        RawClient client = gateway.client()) {
      client.send(POST + "2\r\nExpect: 100-continue\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(100);
      assertThat(client.send("hi").answer().status()).isEqualTo(200);

      client.send(POST + "2\r\nExpect: 100-continue\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(100);
      assertThat(client.answer().status()).isEqualTo(408);
    }
  }

  @Test
  void forTheHeadOfARequestAndForTheNextOne() throws Exception {
    try (FaultyServer server = FaultyServer.start();
        RunningGateway gateway =
            RunningGateway.before("timeouts { header = 800ms, idle = 1s }", "", server.uri())) {
      try (RawClient slow = gateway.client()) {
        assertThat(slow.send("GET / HT").answer().status()).isEqualTo(408);
        assertThat(slow.isEnded()).isTrue();
      }
      try (RawClient idle = gateway.client()) {
        assertThat(idle.get("/bytes/1").answer().status()).isEqualTo(200);
        assertThat(idle.isEnded()).isTrue();
      }
      try (RawClient mute = gateway.client()) {
        assertThat(mute.isEnded()).isTrue();
      }
    }
  }

  @Test
  void forAClientThatDoesNotReadItsAnswer() throws Exception {
    try (FaultyServer server = FaultyServer.start();
        RunningGateway gateway = RunningGateway.before("timeouts.send = 300ms", "", server.uri());
        RawClient client = new RawClient(gateway.address(), 4096)) {
      client.get("/bytes/100000000");
      assertThat(gateway.records(1).getFirst()).contains("\"outcome\":\"abandoned\"");
      RunningGateway.await(() -> gateway.outstanding() == 0 && server.openConnections() == 0);
    }
  }

  @Test
  void forATunnelInWhichNothingPasses() throws Exception {
    try (FaultyServer server = FaultyServer.start();
        RunningGateway gateway = RunningGateway.before("timeouts.tunnel = 1s", "", server.uri());
        RawClient client = gateway.client()) {
      client.send(
          "GET /upgrade HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(101);
      for (int i = 0; i < 5; i++) {
        assertThat(client.send("ping").bytes(4)).isEqualTo("ping");
      }
      assertThat(isCutOff(client)).isTrue();
      RunningGateway.await(() -> gateway.outstanding() == 0 && server.openConnections() == 0);
    }
  }

  private static boolean isCutOff(RawClient client) throws IOException {
    try {
      client.answer();
      return false;
    } catch (EOFException | SocketException e) {
      return true;
    }
  }
}
