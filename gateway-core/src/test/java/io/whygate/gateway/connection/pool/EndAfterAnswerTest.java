package io.whygate.gateway.connection.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.gateway.RawClient;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A server that promises to go on and ends its side right behind an answer, which may come while
/// the answer waits for a slow client: its connection is given up, however the end came to be read,
/// and a request that must not be sent twice goes another way.
class EndAfterAnswerTest {
  private static final String POST = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";

  @ParameterizedTest
  @CsvSource({"2, 0", "65536, 0", "1048576, 0", "8388608, 300", "8388608, 0"})
  void isNoticed(int length, int pauseMillis) throws Exception {
    CompletableFuture<Integer> ended = new CompletableFuture<>();
    try (ScriptedServer server =
            new ScriptedServer((peer, number) -> {
              if (number > 1) {
                peer.serve();
                return;
              }
              peer.head();
              peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n");
              peer.send("x".repeat(length));
              peer.socket().shutdownOutput();
              ended.complete(peer.in().read());
            });
        RunningGateway gateway = RunningGateway.before("", server.uri());
        RawClient client = gateway.client()) {
      client.get("/");
      Thread.sleep(pauseMillis);
      assertThat(client.answer().body()).hasSize(length);
      // A request that crosses the end on its way would be lost for want of an answer.
      assertThat(ended.get(10, TimeUnit.SECONDS)).isEqualTo(-1);
      assertThat(client.send(POST).answer().status()).isEqualTo(200);
      assertThat(server.accepted()).isEqualTo(2);
    }
  }
}
