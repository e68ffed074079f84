package io.whygate.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whygate.faults.http.RequestHead;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultyServerTest {
  private FaultyServer server;

  @BeforeEach
  void start() throws IOException {
    server = FaultyServer.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void servesItsHomePage() throws Exception {
    HttpResponse<String> response = get("/");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).contains("site-" + server.port() + " works");
    assertThat(server.traffic().requests()).isEqualTo(1);
    assertThat(server.traffic().bytesIn()).isPositive();
    assertThat(server.traffic().bytesOut()).isGreaterThan(response.body().length());
  }

  @Test
  void answersPipelinedRequestsInOrder() throws IOException {
    try (var client = new RawClient(server.address())) {
      client.send(
          "GET /status/404 HTTP/1.1\r\nHost: a\r\n\r\n"
              + "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nping"
              + "HEAD /bytes/5 HTTP/1.1\r\nHost: a\r\n\r\n"
              + "GET /bytes/3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      RawClient.Heard heard = client.hear(2_000);

      assertThat(heard.end()).isEqualTo("closed");
      assertThat(heard.text())
          .containsSubsequence(
              "HTTP/1.1 404",
              "HTTP/1.1 200",
              "4\r\nping\r\n0\r\n\r\n",
              "Content-Length: 5",
              "Content-Length: 3",
              "\r\n\r\nxxx");
      assertThat(server.traffic().heads())
          .extracting(RequestHead::position)
          .containsExactly(1, 2, 3, 4);
    }
  }

  @Test
  void echoesAChunkedBodyAndForwardsInterimAnswers() throws IOException {
    try (var client = new RawClient(server.address())) {
      client.send(
          "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
              + "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n"
              + "GET /hints HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

      assertThat(client.hear(2_000).text())
          .containsSubsequence(
              "HTTP/1.1 100", "HTTP/1.1 200", "abc", "de", "HTTP/1.1 103", "HTTP/1.1 200");
    }
  }

  @Test
  void streamsMoreThanFitsInAnyBuffer() throws Exception {
    assertThat(get("/chunked/20000000").body()).hasSize(20_000_000);
  }

  @Test
  void switchesProtocols() throws IOException {
    try (var client = new RawClient(server.address())) {
      client.send(
          "GET /upgrade HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
      assertThat(client.hear(200).text()).contains("HTTP/1.1 101");
      client.send("anything");
      assertThat(client.hear(200)).isEqualTo(new RawClient.Heard("anything", "silent"));
    }
  }

  @Test
  void refusesRequestsThatTwoReadersCouldReadInTwoWays() throws IOException {
    for (String bad :
        new String[] {
          "GET / HTTP/1.1\nHost: a\r\n\r\n",
          "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
          "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
          "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
          "POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\na",
        }) {
      try (var client = new RawClient(server.address())) {
        assertThat(client.send(bad).hear(2_000).text()).as(bad).startsWith("HTTP/1.1 400 ");
      }
    }
  }

  @Test
  void keepsItsPortNumberWhileNothingListens() throws Exception {
    int port = server.port();
    server.fault(new Fault.NothingListens());

    assertThatThrownBy(() -> new RawClient(server.address()).close())
        .isInstanceOf(ConnectException.class);
    assertThat(server.isListening()).isFalse();

    server.mend();
    assertThat(server.port()).isEqualTo(port);
    assertThat(get("/").statusCode()).isEqualTo(200);
  }

  @Test
  void closesOpenConnectionsWithThePort() throws Exception {
    try (var client = new RawClient(server.address())) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      server.traffic().awaitRequests(1, Duration.ofSeconds(5));
      assertThat(client.hear(200).end()).isEqualTo("silent");

      server.stopListening();

      assertThat(client.hear(2_000).end()).isEqualTo("closed");
    }
  }

  @Test
  void dropsEachSynWhileItsQueueIsFull() throws Exception {
    server.fault(new Fault.BacklogFull());

    try (var socket = new Socket()) {
      assertThatThrownBy(() -> socket.connect(server.address(), 300))
          .isInstanceOf(SocketTimeoutException.class);
    }

    server.mend();
    assertThat(get("/").statusCode()).isEqualTo(200);
  }

  @Test
  void mendingEndsWhatHangsAndLeavesIdleConnectionsAlone() throws Exception {
    try (var idle = new RawClient(server.address());
        var hanging = new RawClient(server.address())) {
      idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(idle.hear(200).text()).contains("works");
      server.fault(new Fault.AcceptThenSilence());
      hanging.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(hanging.hear(200)).isEqualTo(new RawClient.Heard("", "silent"));

      server.mend();

      assertThat(hanging.hear(2_000).end()).isIn("closed", "reset");
      idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(idle.hear(200).text()).contains("works");
    }
  }

  @Test
  void closesIdleConnectionsWhenToldTo() throws Exception {
    try (var closing = FaultyServer.builder().idleClose(Duration.ofMillis(100)).start();
        var client = new RawClient(closing.address())) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

      assertThat(client.hear(2_000).end()).isEqualTo("closed");
    }
  }

  @Test
  void bindsAnyLoopbackAddress() throws Exception {
    try (var other = FaultyServer.builder().address("127.0.0.77").port(server.port()).start()) {
      assertThat(other.address()).isEqualTo(new InetSocketAddress("127.0.0.77", server.port()));
      assertThat(other.uri()).isEqualTo(URI.create("http://127.0.0.77:" + server.port()));
    }
  }

  private HttpResponse<String> get(String path) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(server.uri().resolve(path)).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }
}
