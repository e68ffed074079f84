package io.whygate.gateway.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.gateway.RawClient;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import io.whygate.gateway.http2.Frames;
import io.whygate.gateway.listener.client.Abuse;
import io.whygate.gateway.listener.http2.H2Client;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Content that comes in tiny pieces is refused and counted, a server's is broken off with a cause;
/// streams of small messages go on.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SmallPiecesTest {
  private static final int COUNT = 100;
  private static final String POST =
      "POST %s HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

  private ScriptedServer server;
  private RunningGateway gateway;
  private long before;

  @BeforeAll
  void start() throws Exception {
    server = new ScriptedServer((peer, _) -> serve(peer));
    String limit = "small-pieces { count = %d, window = 1h }".formatted(COUNT);
    gateway = RunningGateway.before("limits." + limit, limit, server.uri());
  }

  @BeforeEach
  void count() {
    before = gateway.abuses(Abuse.SMALL_PIECES);
  }

  @AfterAll
  void stop() throws Exception {
    gateway.close();
    server.close();
  }

  private static void serve(ScriptedServer.Peer peer) throws IOException {
    for (String head = peer.head(); !head.isEmpty(); head = peer.head()) {
      String answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
      if (head.contains("/crumbs")) {
        peer.send(answer + "1\r\nx\r\n".repeat(5 * COUNT));
        peer.in().read();
      } else if (head.contains("/events")) {
        peer.send(answer + "9\r\ndata: 1\n\n\r\n".repeat(50 * COUNT) + "0\r\n\r\n");
      } else if (head.contains("/early")) {
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly");
        peer.in().read();
      } else if (head.contains("/some")) {
        peer.send(answer + "1\r\nx\r\n".repeat(COUNT) + "0\r\n\r\n");
      } else {
        int next = peer.in().read();
        while (next >= 0 && next != '0') {
          next = peer.in().read();
        }
        peer.in().readNBytes(4);
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      }
    }
  }

  private long counted() {
    return gateway.abuses(Abuse.SMALL_PIECES) - before;
  }

  @Test
  void chunksOfAByteAreRefused() throws Exception {
    try (RawClient client = gateway.client();
        RawClient bystander = gateway.client()) {
      client.send(POST.formatted("/") + "1\r\nx\r\n".repeat(5 * COUNT));
      RawClient.Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.body()).contains("too many chunks of less than 8 bytes.");
      assertThat(answer.field("Connection")).isEqualTo("close");
      assertThat(counted()).isEqualTo(1);
      bystander.send(POST.formatted("/") + "1\r\nx\r\n0\r\n\r\n");
      assertThat(bystander.answer().body()).isEqualTo("ok");
    }
    RunningGateway.await(() -> gateway.outstanding() == 0);
  }

  @Test
  void theyAreAfterTheAnswerToo() throws Exception {
    try (RawClient client = gateway.client()) {
      client.send(POST.formatted("/early") + "1\r\nx\r\n");
      assertThat(client.answer().body()).isEqualTo("early");
      client.send("1\r\nx\r\n".repeat(5 * COUNT));
      RunningGateway.await(() -> counted() == 1);
      assertThat(client.isEnded()).isTrue();
    }
  }

  @Test
  void manyRequestsOfOneSmallChunkAreServed() throws Exception {
    try (RawClient client = gateway.client()) {
      for (int i = 0; i < 3 * COUNT; i++) {
        client.send(POST.formatted("/") + "1\r\nx\r\n0\r\n\r\n");
        assertThat(client.answer().body()).isEqualTo("ok");
      }
      assertThat(counted()).isZero();
    }
  }

  @Test
  void smallMessagesOverHttp2AreCarried() throws Exception {
    try (H2Client client = H2Client.begun(gateway.address())) {
      client.post(1, "/");
      ByteArrayOutputStream messages = new ByteArrayOutputStream();
      for (int i = 0; i < 50 * COUNT; i++) {
        messages.writeBytes(H2Client.bytes(Frames.DATA, 0, 1, new byte[8]));
      }
      client.raw(messages.toByteArray()).data(1, true, "");
      assertThat(client.answer(1).text()).isEqualTo("ok");
      assertThat(counted()).isZero();
    }
  }

  @Test
  void aServersChunksOfAByteAreBrokenOff() throws Exception {
    try (RawClient client = gateway.client()) {
      client.get("/crumbs");
      String all = new String(client.in().readAllBytes(), StandardCharsets.ISO_8859_1);
      assertThat(all).startsWith("HTTP/1.1 200 ").doesNotEndWith("0\r\n\r\n");
    }
    RunningGateway.await(() ->
        gateway.records(0).stream()
            .anyMatch(each ->
                each.contains("/crumbs") && each.contains("application.malformed-response")));
    assertThat(counted()).isZero();
  }

  @Test
  void aServersEventsAreCarriedAndEachAnswerIsJudgedAlone() throws Exception {
    try (RawClient client = gateway.client()) {
      assertThat(client.get("/events").answer().body()).hasSize(50 * COUNT * 9);
      for (int i = 0; i < 5; i++) {
        assertThat(client.get("/some").answer().body()).hasSize(COUNT);
      }
    }
  }
}
