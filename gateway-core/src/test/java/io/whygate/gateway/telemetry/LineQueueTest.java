package io.whygate.gateway.telemetry;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineQueueTest {
  private final List<String> written = new ArrayList<>();
  private int counted;

  private void offer(LineQueue queue, String line) {
    // As an event loop does: what it writes into is larger, and is used again.
    byte[] bytes = (line + "\nwhat was there before").getBytes(US_ASCII);
    queue.offer(bytes, line.length() + 1);
    bytes[0] = '?';
  }

  private void take(ByteBuffer lines, int count) {
    byte[] bytes = new byte[lines.remaining()];
    lines.get(bytes);
    String text = new String(bytes, US_ASCII);
    assertThat(text).endsWith("\n");
    List<String> all = text.lines().toList();
    assertThat(all).hasSize(count);
    written.addAll(all);
    counted += count;
  }

  @Test
  void handsOverEachLineInItsOrder() {
    LineQueue queue = new LineQueue(1_000);
    List<String> expected = new ArrayList<>();
    for (int round = 0; round < 500; round++) {
      for (int i = 0; i < 7; i++) {
        String line = "line " + round + "." + i + " " + "x".repeat(round % 300);
        expected.add(line);
        offer(queue, line);
      }
      if (round % 3 == 0) {
        assertThat(queue.drain(this::take)).isTrue();
        assertThat(queue.drain(this::take)).isFalse();
      }
    }
    queue.drain(this::take);
    assertThat(written).isEqualTo(expected);
    assertThat(queue.dropped()).isZero();
  }

  @Test
  void takesALineThatIsLongerThanAChunk() {
    LineQueue queue = new LineQueue(10);
    String longOne = "y".repeat(100_000);
    offer(queue, "before");
    offer(queue, longOne);
    offer(queue, "after");
    queue.drain(this::take);
    assertThat(written).containsExactly("before", longOne, "after");
  }

  @Test
  void dropsAndCountsWhatFindsItFull() {
    LineQueue queue = new LineQueue(3);
    for (int i = 0; i < 5; i++) {
      offer(queue, "line " + i);
    }
    assertThat(queue.dropped()).isEqualTo(2);
    queue.drain(this::take);
    offer(queue, "line 5");
    queue.drain(this::take);
    assertThat(written).containsExactly("line 0", "line 1", "line 2", "line 5");
  }

  /// One thread offers as fast as it can, another takes: each line comes whole, in order, or is
  /// counted as dropped.
  @Test
  void losesNothingBetweenTwoThreads() throws Exception {
    LineQueue queue = new LineQueue(2_000);
    int lines = 300_000;
    Thread loop =
        Thread.ofPlatform()
            .start(() -> {
              for (int i = 0; i < lines; i++) {
                offer(queue, Integer.toString(i));
              }
            });
    while (loop.isAlive()) {
      queue.drain(this::take);
    }
    loop.join();
    queue.drain(this::take);
    assertThat(counted + queue.dropped()).isEqualTo(lines);
    int before = -1;
    for (String line : written) {
      int number = Integer.parseInt(line);
      assertThat(number).isGreaterThan(before);
      before = number;
    }
  }
}
