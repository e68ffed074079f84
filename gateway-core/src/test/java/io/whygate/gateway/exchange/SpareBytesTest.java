package io.whygate.gateway.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.gateway.RawClient;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a server sends beyond its answer is nobody's, least of all the answer of who waits for the
/// connection.
class SpareBytesTest {
  private static final String POISON = answer(6, "poison");

  /// How much the gateway reads at first: the bytes beyond the answer come by a read of their own.
  private static final int FIRST_READ = 2048;

  private static String answer(int length, String content) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n" + content;
  }

  /// An answer of so many bytes, its head among them.
  private static String answerOf(int size) {
    int head = answer(1000, "").length();
    return answer(size - head, "a".repeat(size - head));
  }

  @ParameterizedTest
  @ValueSource(ints = {FIRST_READ - 1, FIRST_READ, FIRST_READ + 1, 2 * FIRST_READ, 9999})
  void isNotTheAnswerOfWhoWaitsForTheConnection(int size) throws Exception {
    CountDownLatch waits = new CountDownLatch(1);
    ScriptedServer.Script script =
        (peer, number) -> {
          peer.head();
          if (number == 1) {
            waits.await();
            peer.send(answerOf(size) + POISON);
            peer.in().read();
          } else {
            peer.send(answer(4, "good"));
          }
        };
    try (ScriptedServer server = new ScriptedServer(script);
        RunningGateway gateway = RunningGateway.before("pool.max-connections = 1", server.uri());
        RawClient first = gateway.client();
        RawClient second = gateway.client()) {
      first.get("/");
      RunningGateway.await(() -> server.accepted() == 1);
      second.get("/");
      RunningGateway.await(() -> gateway.outstanding() == 2);
      waits.countDown();
      assertThat(second.answer().body()).isEqualTo("good");
    }
  }
}
