package io.whygate.gateway.compression;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.whygate.gateway.config.CompressionSettings.Coding;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EncodersTest {
  @BeforeAll
  static void load() {
    Brotli4jLoader.ensureAvailability();
  }

  private static EncodedContent encoding(Coding coding, long length) {
    Encoder encoder =
        switch (coding) {
          case GZIP -> new GzipEncoder(5);
          case BR -> new BrotliEncoder(4);
          case ZSTD -> new ZstdEncoder(3, length);
        };
    return new EncodedContent(coding, encoder, () -> {});
  }

  private static void take(ByteBuf from, ByteArrayOutputStream to) throws IOException {
    from.getBytes(from.readerIndex(), to, from.readableBytes());
    from.release();
  }

  /// Words that repeat, then noise.
  private static byte[] content(int size) {
    byte[] content = new byte[size];
    Random random = new Random(size);
    byte[] words = "the quick brown fox jumps over the lazy dog ".getBytes(UTF_8);
    for (int i = 0; i < size; i++) {
      content[i] = i < size * 3 / 4 ? words[i % words.length] : (byte) random.nextInt();
    }
    return content;
  }

  @ParameterizedTest
  @EnumSource
  void whatWasEncodedIsWhatIsDecoded(Coding coding) throws IOException {
    Random random = new Random(7);
    for (int size : new int[] {0, 1, 100, 4_095, 4_096, 16_384, 70_000, 1_000_000}) {
      for (boolean known : new boolean[] {true, false}) {
        byte[] content = content(size);
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        try (EncodedContent encoding = encoding(coding, known ? size : -1)) {
          for (int at = 0; at < size; ) {
            int length = Math.min(size - at, 1 + random.nextInt(100_000));
            take(encoding.encode(piece(content, at, length, random.nextInt(3))), encoded);
            at += length;
            if (random.nextBoolean()) {
              take(encoding.flush(), encoded);
            }
          }
          take(encoding.finish(), encoded);
          assertThat(encoding.plainBytes()).isEqualTo(size);
        }
        assertThat(Decoding.whole(coding, encoded.toByteArray()))
            .as("%s of %d bytes", coding, size)
            .isEqualTo(content);
        if (size >= 4_096) {
          assertThat(encoded.size()).isLessThan(size / 2);
        }
      }
    }
  }

  /// On the heap, off it, or of two parts.
  private static ByteBuf piece(byte[] content, int at, int length, int kind) {
    return switch (kind) {
      case 0 -> Unpooled.copiedBuffer(content, at, length);
      case 1 -> Unpooled.directBuffer(length).writeBytes(content, at, length);
      default ->
          Unpooled.wrappedBuffer(
              Unpooled.copiedBuffer(content, at, length / 2),
              Unpooled.directBuffer().writeBytes(content, at + length / 2, length - length / 2));
    };
  }

  @ParameterizedTest
  @EnumSource
  void whatWasFlushedCanBeReadBeforeTheEnd(Coding coding) throws IOException {
    ByteArrayOutputStream encoded = new ByteArrayOutputStream();
    try (EncodedContent encoding = encoding(coding, -1)) {
      take(encoding.encode(Unpooled.copiedBuffer("data: one\n\n".getBytes(UTF_8))), encoded);
      take(encoding.flush(), encoded);
      assertThat(encoding.flush().isReadable()).as("nothing is held any more").isFalse();
      byte[] sofar = encoded.toByteArray();
      try (InputStream in = Decoding.of(coding, new ByteArrayInputStream(sofar))) {
        assertThat(in.readNBytes(11)).isEqualTo("data: one\n\n".getBytes(UTF_8));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsCutOffIsNotTakenForWhole(Coding coding) throws IOException {
    ByteArrayOutputStream encoded = new ByteArrayOutputStream();
    byte[] content = content(50_000);
    try (EncodedContent encoding = encoding(coding, -1)) {
      take(encoding.encode(Unpooled.copiedBuffer(content)), encoded);
      take(encoding.flush(), encoded);
    }
    assertThatIOException().isThrownBy(() -> Decoding.whole(coding, encoded.toByteArray()));
  }

  @Test
  void memoryIsGivenBackOnce() {
    int[] closed = {0};
    EncodedContent encoding =
        new EncodedContent(Coding.GZIP, new GzipEncoder(5), () -> closed[0]++);
    encoding.close();
    encoding.close();
    assertThat(closed[0]).isEqualTo(1);
  }
}
