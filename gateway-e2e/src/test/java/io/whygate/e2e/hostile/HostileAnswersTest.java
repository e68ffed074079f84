package io.whygate.e2e.hostile;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.e2e.lab.GatewayProcess;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/// Answers that two readers could read in two ways become a page, or are written anew; and whatever
/// is behind an answer, the next client gets the answer to its own request.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileAnswersTest {
  private static final int PATIENCE_MILLIS = 20_000;

  private Map<String, Payload> payloads;
  private StrictServer server;
  private GatewayProcess gateway;

  @BeforeAll
  void start() throws IOException {
    payloads =
        Payload.of("answers.txt").stream()
            .collect(
                Collectors.toMap(
                    Payload::name, Function.identity(), (a, _) -> a, java.util.LinkedHashMap::new));
    Map<String, Payload> byPath =
        payloads.values().stream().collect(Collectors.toMap(this::path, Function.identity()));
    server =
        new StrictServer(head -> {
          Payload payload = byPath.get(head.split(" ", 3)[1]);
          return payload == null
              ? "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmine".getBytes(ISO_8859_1)
              : payload.raw();
        });
    server.endsAfter(head ->
        byPath.containsKey(head.split(" ", 3)[1]) && byPath.get(head.split(" ", 3)[1]).has("ends"));
    gateway =
        GatewayProcess.start(
            "event-loops = 1\n"
                + GatewayProcess.oneSite(
                    server.uri(),
                    "response-timeout = 2s, idle-timeout = 2s, outlier { consecutive-failures = 0 },"
                        + " circuit-breaker { consecutive-failures = 0 }"));
  }

  private String path(Payload payload) {
    return "/" + Integer.toHexString(payload.name().hashCode());
  }

  @AfterAll
  void stop() throws IOException {
    gateway.close();
    server.close();
  }

  @TestFactory
  Stream<DynamicTest> isReplacedOrMadeUnambiguousAndPoisonsNothing() {
    return payloads.values().stream()
        .map(each -> DynamicTest.dynamicTest(each.name(), () -> check(each)));
  }

  private void check(Payload payload) throws IOException {
    String method = payload.has("head") ? "HEAD " : "GET ";
    Answer answer = ask(method + path(payload));
    switch (payload.outcome()) {
      case "502" -> {
        assertThat(answer.status()).isEqualTo("502");
        assertThat(answer.isWhole()).isTrue();
        assertThat(answer.body()).doesNotContain("poison");
      }
      case "cut" -> {
        assertThat(answer.status()).isEqualTo("200");
        assertThat(answer.isWhole()).as("whole").isFalse();
      }
      default -> {
        String[] expected = payload.outcome().split(" ");
        assertThat(answer.status()).isEqualTo(expected[0]);
        assertThat(answer.isWhole()).isTrue();
        assertThat(answer.body()).isEqualTo(expected[1].equals("-") ? "" : expected[1]);
      }
    }
    assertThat(payload.sees()).allMatch(answer.bytes()::contains);
    assertThat(payload.never()).noneMatch(answer.bytes()::contains);
    for (int i = 0; i < 3; i++) {
      assertThat(ask("GET /other").body()).as("another client's answer").isEqualTo("mine");
    }
  }

  /// Asks on a connection of its own, and reads to its end.
  private Answer ask(String methodAndPath) throws IOException {
    URI uri = gateway.uri();
    StringBuilder bytes = new StringBuilder();
    boolean reset = false;
    try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket
          .getOutputStream()
          .write(
              (methodAndPath + " HTTP/1.1\r\nHost: site\r\nConnection: close\r\n\r\n")
                  .getBytes(ISO_8859_1));
      for (int next = socket.getInputStream().read();
          next >= 0;
          next = socket.getInputStream().read()) {
        bytes.append((char) next);
      }
    } catch (SocketException e) {
      reset = true;
    }
    return new Answer(bytes.toString(), methodAndPath.startsWith("HEAD "), reset);
  }

  /// All that came on a connection. Interim answers before the last one are left out.
  private record Answer(String bytes, boolean toHead, boolean reset) {
    private String last() {
      String rest = bytes;
      while (rest.startsWith("HTTP/1.1 1")) {
        rest = rest.substring(rest.indexOf("\r\n\r\n") + 4);
      }
      return rest;
    }

    String status() {
      return last().length() < 12 ? last() : last().substring(9, 12);
    }

    private String head() {
      return last().substring(0, last().indexOf("\r\n\r\n") + 4);
    }

    private String rest() {
      return last().substring(head().length());
    }

    private boolean isChunked() {
      return head().contains("\r\nTransfer-Encoding: chunked\r\n");
    }

    String body() {
      if (!isChunked() || toHead) {
        return rest();
      }
      StringBuilder body = new StringBuilder();
      int at = 0;
      while (at < rest().length()) {
        int line = rest().indexOf("\r\n", at);
        int size = Integer.parseInt(rest().substring(at, line), 16);
        if (size == 0) {
          break;
        }
        body.append(rest(), line + 2, line + 2 + size);
        at = line + 4 + size;
      }
      return body.toString();
    }

    boolean isWhole() {
      if (reset || last().length() < 12) {
        return false;
      }
      if (toHead || status().equals("204") || status().equals("304")) {
        return true;
      }
      if (isChunked()) {
        return rest().contains("0\r\n") && rest().endsWith("\r\n\r\n");
      }
      int length = head().indexOf("\r\nContent-Length: ");
      return length < 0
          || rest().length()
              == Integer.parseInt(
                  head().substring(length + 18, head().indexOf("\r\n", length + 18)).strip());
    }
  }
}
