package io.whygate.gateway.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReadSizesTest {
  private static final int LEAST = 64;
  private static final int MOST = 128 * 1024;

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final ChannelConfig config = channel.config();

  @SuppressWarnings("deprecation") // Netty has not named what takes its place
  private final RecvByteBufAllocator.Handle sizes = new ReadSizes(LEAST, 2048, MOST).newHandle();

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  /// Reads once, of so many bytes that have come.
  ///
  /// @return what is left of them
  private int read(int come) {
    int room = sizes.guess();
    int read = Math.min(come, room);
    sizes.reset(config);
    sizes.attemptedBytesRead(room);
    sizes.lastBytesRead(read);
    sizes.readComplete();
    return come - read;
  }

  private int readsFor(int answer) {
    int reads = 0;
    for (int left = answer; left > 0; left = read(left)) {
      reads++;
    }
    return reads;
  }

  @Test
  void staysAtWhatTakesAWholeAnswer() {
    int headAnd64KiB = 64 * 1024 + 243;
    readsFor(headAnd64KiB);
    readsFor(headAnd64KiB);
    for (int i = 0; i < 100; i++) {
      assertThat(readsFor(headAnd64KiB)).as("answer %s", i).isOne();
    }
  }

  @Test
  void growsWithAReadThatTookAllThereWasRoomFor() {
    assertThat(sizes.guess()).isEqualTo(2048);
    read(1 << 20);
    assertThat(sizes.guess()).isEqualTo(32 * 1024);
    read(1 << 20);
    assertThat(sizes.guess()).isEqualTo(MOST);
    read(1 << 20);
    assertThat(sizes.guess()).isEqualTo(MOST);
  }

  @Test
  void shrinksBySmallReadsAndNeverBelowTheLeast() {
    read(1 << 20);
    read(1 << 20);
    int held = 0;
    for (int i = 0; i < 200; i++) {
      held += sizes.guess();
      read(10);
    }
    assertThat(sizes.guess()).isEqualTo(LEAST);
    // What a client that takes nothing can have kept of small pieces.
    assertThat(held).isLessThan(9 * MOST);
  }
}
