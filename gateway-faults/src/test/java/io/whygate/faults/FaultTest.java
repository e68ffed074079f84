package io.whygate.faults;

import static io.whygate.faults.RawClient.get;
import static io.whygate.faults.RawClient.getBriefly;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.whygate.faults.http.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FaultTest {
  private FaultyServer server;

  @BeforeEach
  void start() throws IOException {
    server = FaultyServer.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  static Stream<Arguments> endings() {
    return Stream.of(
        arguments(new Fault.CloseOnAccept(), "closed|reset", ""),
        arguments(new Fault.ResetOnAccept(), "reset", ""),
        arguments(new Fault.AcceptThenSilence(), "silent", ""),
        arguments(new Fault.CloseBeforeResponse(), "closed", ""),
        arguments(new Fault.ResetBeforeResponse(), "reset", ""),
        arguments(new Fault.CloseMidBody(7), "closed", "Content-Length: 100007\r\n\r\nbbbbbbb$"),
        arguments(new Fault.ResetMidBody(7), "reset", "\r\n\r\nbbbbbbb$"),
        arguments(new Fault.StallMidBody(7), "silent", "\r\n\r\nbbbbbbb$"),
        arguments(new Fault.CloseMidChunk(), "closed", "\r\n1000\r\nworld$"),
        arguments(new Fault.MissingLastChunk(), "closed", "\r\n\r\n5\r\nhello\r\n$"),
        arguments(new Fault.BadChunk(), "closed", "\r\nzz\r\n"),
        arguments(new Fault.ExcessBody(), "closed", "Content-Length: 5\r\n\r\nhello, and"),
        arguments(new Fault.GarbageResponse(), "closed", "not HTTP"),
        arguments(new Fault.BadStatusLine(), "closed", "^HTTP/1.1 OK 200\r\n"),
        arguments(new Fault.BadHeaderLine(), "closed", "Bad Name"),
        arguments(new Fault.TruncatedHeaders(), "closed", "Content-Ty$"),
        arguments(new Fault.HugeHeaders(90_000), "closed", "h{90000}"),
        arguments(
            new Fault.AmbiguousFraming(),
            "closed",
            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
        arguments(
            new Fault.ConflictingLengths(), "closed", "Content-Length: 5\r\nContent-Length: 6"),
        arguments(
            new Fault.RepeatedTransferEncoding(), "closed", "(Transfer-Encoding: chunked\r\n){2}"),
        arguments(new Fault.TlsRequired400(), "closed", "plain HTTP request was sent to HTTPS"),
        arguments(new Fault.TlsAlert(), "closed", "^\u0015\u0003\u0003\u0000\u0002\u0002\n$"),
        arguments(new Fault.Overloaded503(), "closed", "^HTTP/1.1 503 Service Unavailable"),
        arguments(
            new Fault.Maintenance503(Duration.ofMinutes(2)), "closed", "Retry-After: 120\r\n"),
        arguments(
            new Fault.GatewayError502("inner; error=connection_refused"),
            "closed",
            "^HTTP/1.1 502 .*Proxy-Status: inner; error=connection_refused"),
        arguments(new Fault.Answers(Response.text(403, "blocked")), "closed", "403 .*blocked"),
        arguments(new Fault.RawBytes("HTTP/0.9 hi"), "closed", "^HTTP/0.9 hi$"),
        arguments(new Fault.WorkersExhausted(0), "silent", "^$"),
        arguments(new Fault.SlowAnswers(Duration.ZERO, Duration.ofMinutes(1)), "silent", "^$"));
  }

  @ParameterizedTest
  @MethodSource("endings")
  void endsAsItSays(Fault fault, String end, String text) throws IOException {
    server.fault(fault);

    RawClient.Heard heard = end.equals("silent") ? getBriefly(server, "/") : get(server, "/");

    assertThat(heard.end()).matches(end);
    assertThat(heard.text()).containsPattern("(?s)" + text);
    server.mend();
    assertThat(get(server, "/").text()).contains("works");
  }

  @ParameterizedTest
  @MethodSource("greetings")
  void greetsAsAnotherKindOfServer(Fault.Greeting greeting, String start) throws IOException {
    server.fault(new Fault.BinaryProtocol(greeting));

    try (var client = new RawClient(server.address())) {
      assertThat(client.hear(200).text()).startsWith(start);
      client.send("GET / HTTP/1.1\r\n\r\n");
      assertThat(client.hear(2_000).end()).isEqualTo("closed");
    }
  }

  static Stream<Arguments> greetings() {
    return Stream.of(
        arguments(Fault.Greeting.SSH, "SSH-2.0-"),
        arguments(Fault.Greeting.SMTP, "220 "),
        arguments(Fault.Greeting.MYSQL, "J\0\0\0\n8.0.36\0"),
        arguments(Fault.Greeting.HTTP2, "\u0000\u0000\u0006\u0004\u0000\u0000\u0000\u0000\u0000"));
  }

  @Test
  void theMysqlGreetingHasTheLengthThatItSays() {
    byte[] bytes = Fault.Greeting.MYSQL.bytes();
    assertThat(bytes).hasSize(4 + bytes[0]);
  }

  @Test
  void resetsAConnectionThatIsUsedAgainAfterItWentStale() throws IOException {
    server.fault(new Fault.StaleKeepAlive(Duration.ofMillis(100)));

    try (var client = new RawClient(server.address())) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(client.hear(200).text()).contains("works");
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(client.hear(2_000)).isEqualTo(new RawClient.Heard("", "reset"));
    }
    assertThat(get(server, "/").text()).contains("works");
  }

  @Test
  void failsOnOnePathOnly() throws IOException {
    server.fault(new Fault.PathFailure("/crash", new Fault.CloseBeforeResponse()));

    assertThat(get(server, "/crash/here").end()).isEqualTo("closed");
    assertThat(get(server, "/").text()).contains("works");
  }

  @Test
  void failsByOneMethodOnly() throws IOException {
    server.fault(new Fault.MethodFailure("HEAD", new Fault.CloseBeforeResponse()));

    try (var client = new RawClient(server.address())) {
      client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(client.hear(2_000).end()).isEqualTo("closed");
    }
    assertThat(get(server, "/").text()).contains("works");
  }

  @Test
  void failsForLargeRequestsOnly() throws IOException {
    server.fault(new Fault.SizeFailure(20, 0, new Fault.CloseBeforeResponse()));

    try (var client = new RawClient(server.address())) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\nCookie: a=" + "x".repeat(30) + "\r\n\r\n");
      assertThat(client.hear(2_000).end()).isEqualTo("closed");
    }
    assertThat(get(server, "/").text()).contains("works");
    server.fault(new Fault.SizeFailure(0, 5, new Fault.CloseBeforeResponse()));
    try (var client = new RawClient(server.address())) {
      client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n123456");
      assertThat(client.hear(2_000).end()).isEqualTo("closed");
    }
    assertThat(get(server, "/").text()).contains("works");
  }

  @Test
  void failsForTheFirstRequestsOnly() throws IOException {
    server.fault(new Fault.FirstOnly(2, new Fault.ResetBeforeResponse()));

    assertThat(get(server, "/").end()).isEqualTo("reset");
    assertThat(get(server, "/").end()).isEqualTo("reset");
    assertThat(get(server, "/").text()).contains("works");
  }

  @Test
  void answersNobodyOnceAllWorkersHang() throws IOException {
    server.fault(new Fault.WorkersExhausted(1, "/slow"));

    assertThat(get(server, "/").text()).contains("works");
    assertThat(getBriefly(server, "/slow").end()).isEqualTo("silent");
    assertThat(getBriefly(server, "/")).isEqualTo(new RawClient.Heard("", "silent"));
  }

  @Test
  void answersLightRequestsBeforeOthers() throws IOException {
    server.fault(new Fault.SlowAnswers(Duration.ofMillis(20), Duration.ofMinutes(1)));

    assertThat(get(server, "/robots.txt").text()).contains("200 OK");
    assertThat(getBriefly(server, "/page")).isEqualTo(new RawClient.Heard("", "silent"));
  }

  @Test
  void dripsItsHead() throws IOException {
    server.fault(new Fault.SlowHeaders(Duration.ofMillis(30)));

    RawClient.Heard heard = get(server, "/");

    assertThat("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n")
        .startsWith(heard.text());
  }

  @Test
  void resetsABurstOfConnections() throws IOException {
    server.fault(new Fault.ResetBurst(3));

    List<String> ends = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      ends.add(get(server, "/").end());
    }

    assertThat(ends).containsExactly("closed", "closed", "closed", "reset", "reset", "reset");
  }
}
