package io.whygate.gateway.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.whygate.gateway.config.SmallPieces;
import io.whygate.gateway.http.ContentReader.Progress;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContentReaderTest {
  private static final HeadLimits LIMITS = new HeadLimits(100, 100, 3);

  private static final Duration LONG = Duration.ofHours(1);

  private final ContentReader reader = new ContentReader(LIMITS);

  /// What came of a body: its content, how reading ended, and how many bytes were left.
  private record Result(String content, Progress progress, int left, String trailers) {}

  private Result read(Framing framing, long length, String bytes, Random cuts) {
    reader.begin(framing, length);
    StringBuilder content = new StringBuilder();
    ByteBuf in = Unpooled.buffer();
    int at = 0;
    Progress progress = reader.read(in, piece -> take(content, piece));
    while (progress == Progress.MORE && at < bytes.length()) {
      int n = cuts == null ? 1 : 1 + cuts.nextInt(bytes.length() - at);
      in.writeCharSequence(bytes.substring(at, at + n), ISO_8859_1);
      at += n;
      progress = reader.read(in, piece -> take(content, piece));
    }
    int left = in.readableBytes() + bytes.length() - at;
    in.release();
    FieldSection trailers = reader.trailers();
    return new Result(
        content.toString(),
        progress,
        progress == Progress.DONE ? left : 0,
        trailers == null ? "" : trailers.name(0) + "=" + trailers.value(0));
  }

  private static void take(StringBuilder content, ByteBuf piece) {
    content.append(piece.toString(ISO_8859_1));
    piece.release();
  }

  private static String crlf(String text) {
    return text.replace("|", "\r\n").replace("\\n", "\n").replace("\\r", "\r").replace("\\0", "\0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "0||  ~ `` ~ 0 ~ ``",
        "5|hello|0|| ~ hello ~ 0 ~ ``",
        "3|hel|2|lo|0||GET ~ hello ~ 3 ~ ``",
        "A|0123456789|0|| ~ 0123456789 ~ 0 ~ ``",
        "a;x=y|0123456789|0;z|| ~ 0123456789 ~ 0 ~ ``",
        "00005|hello|000|| ~ hello ~ 0 ~ ``",
        "1|x|0|Sum: 7|| ~ x ~ 0 ~ Sum=7",
        "1|x|0|Sum: 7|B: 8||after ~ x ~ 5 ~ Sum=7",
      })
  void readsChunksByteByByte(String bytes, String content, int left, String trailer) {
    assertThat(read(Framing.CHUNKED, -1, crlf(bytes), null))
        .isEqualTo(new Result(content, Progress.DONE, left, trailer));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "|",
        "g|",
        " 5|hello",
        "5 |hello",
        "-1|",
        "0x5|hello",
        "5\\nhello",
        "5\\rhello",
        "5|helloo|",
        "5|hello\\n",
        "5|hello0||",
        "1234567890123456|",
        "5;a\\0|hello",
        "5;a\\nb|hello",
        "0|Bad Name: x||",
        "0| folded: x||",
        "0|no colon||",
        "0|A: 1\\n\\n",
        "0|A: 1|B: 1|C: 1|D: 1||",
      })
  void refusesWhatIsNoChunk(String bytes) {
    Result result = read(Framing.CHUNKED, -1, crlf(bytes), null);
    assertThat(result.progress()).isEqualTo(Progress.BAD);
    assertThat(reader.problem()).isNotEmpty();
    assertThat(reader.problemIsInTrailer()).isEqualTo(bytes.startsWith("0|"));
    assertThat(read(Framing.CHUNKED, -1, crlf(bytes), new Random(1)).progress())
        .isEqualTo(Progress.BAD);
  }

  @Test
  void limitsExtensionsAndTrailers() {
    assertThat(
            read(Framing.CHUNKED, -1, "1;" + "x".repeat(20_000) + "\r\n", new Random(1)).progress())
        .isEqualTo(Progress.BAD);
    assertThat(read(Framing.CHUNKED, -1, "0\r\nA: " + "x".repeat(200), new Random(1)).progress())
        .isEqualTo(Progress.BAD);
  }

  @Test
  void readsTheSameHoweverTheBytesAreCut() {
    Random random = new Random(11);
    for (int round = 0; round < 200; round++) {
      StringBuilder wire = new StringBuilder();
      StringBuilder content = new StringBuilder();
      for (int i = random.nextInt(6); i > 0; i--) {
        String chunk = "x".repeat(1 + random.nextInt(300));
        wire.append(Integer.toHexString(chunk.length())).append(random.nextBoolean() ? ";e=1" : "");
        wire.append("\r\n").append(chunk).append("\r\n");
        content.append(chunk);
      }
      wire.append("0\r\n");
      boolean trailer = random.nextBoolean();
      wire.append(trailer ? "T: v\r\n" : "").append("\r\nnext");
      assertThat(read(Framing.CHUNKED, -1, wire.toString(), random))
          .isEqualTo(new Result(content.toString(), Progress.DONE, 4, trailer ? "T=v" : ""));
      assertThat(reader.total()).isEqualTo(content.length());
    }
  }

  @Test
  void readsALengthAndLeavesTheRest() {
    Random random = new Random(3);
    for (int round = 0; round < 50; round++) {
      assertThat(read(Framing.LENGTH, 5, "helloNEXT", random))
          .isEqualTo(new Result("hello", Progress.DONE, 4, ""));
    }
    assertThat(read(Framing.LENGTH, 5, "hell", null).progress()).isEqualTo(Progress.MORE);
    assertThat(reader.remaining()).isEqualTo(1);
    assertThat(reader.mayEndNow()).isFalse();
  }

  @Test
  void readsUntilTheEndAndNothingWhereThereIsNothing() {
    assertThat(read(Framing.UNTIL_CLOSE, -1, "all of it", null))
        .isEqualTo(new Result("all of it", Progress.MORE, 0, ""));
    assertThat(reader.mayEndNow()).isTrue();
    assertThat(read(Framing.NONE, -1, "", null).progress()).isEqualTo(Progress.DONE);
  }

  private Progress readWithin(ContentReader limited, String chunks) {
    ByteBuf in = Unpooled.copiedBuffer(crlf(chunks), ISO_8859_1);
    try {
      return limited.read(in, ByteBuf::release);
    } finally {
      in.release();
    }
  }

  private static ContentReader within(Duration window) {
    ContentReader limited = new ContentReader(LIMITS, new SmallPieces(8, 100, window));
    limited.begin(Framing.CHUNKED, -1);
    return limited;
  }

  @Test
  void refusesMoreSmallChunksThanAllowed() {
    ContentReader limited = within(LONG);
    assertThat(readWithin(limited, "1|x|".repeat(115))).isEqualTo(Progress.MORE);
    assertThat(limited.problemIsSmallPieces()).isFalse();
    assertThat(readWithin(limited, "1|x|")).isEqualTo(Progress.BAD);
    assertThat(limited.problemIsSmallPieces()).isTrue();
    assertThat(limited.problem()).isEqualTo("too many chunks of less than 8 bytes");
  }

  @Test
  void largerChunksPayForSmallOnes() {
    ContentReader limited = within(LONG);
    for (int i = 0; i < 100; i++) {
      assertThat(readWithin(limited, "1|x|".repeat(100) + "400|" + "x".repeat(1024) + "|"))
          .isEqualTo(Progress.MORE);
    }
    String event = "data: 1\n\n";
    assertThat(readWithin(limited, ("9|" + event + "|").repeat(10_000))).isEqualTo(Progress.MORE);
  }

  @Test
  void soDoesTimePass() {
    ContentReader limited = within(Duration.ofNanos(1));
    assertThat(readWithin(limited, "1|x|".repeat(10_000))).isEqualTo(Progress.MORE);
  }

  @Test
  void theFirstChunkOfEachMessageIsFreeAndTheOthersCountTogether() {
    ContentReader limited = within(LONG);
    for (int i = 0; i < 1000; i++) {
      assertThat(readWithin(limited, "1|x|0||")).isEqualTo(Progress.DONE);
      limited.begin(Framing.CHUNKED, -1);
    }
    assertThat(readWithin(limited, "1|x|".repeat(100) + "0||")).isEqualTo(Progress.DONE);
    limited.begin(Framing.CHUNKED, -1);
    assertThat(readWithin(limited, "1|x|".repeat(100))).isEqualTo(Progress.BAD);
    limited.forgetSmallPieces();
    limited.begin(Framing.CHUNKED, -1);
    assertThat(readWithin(limited, "1|x|".repeat(100))).isEqualTo(Progress.MORE);
  }

  @Test
  void putsSmallChunksTogether() {
    reader.begin(Framing.CHUNKED, -1);
    ByteBuf in = Unpooled.copiedBuffer(crlf("1|x|".repeat(5000) + "0||"), ISO_8859_1);
    StringBuilder content = new StringBuilder();
    int[] pieces = {0};
    Progress progress =
        reader.read(
            in,
            piece -> {
              pieces[0]++;
              take(content, piece);
            });
    in.release();
    assertThat(progress).isEqualTo(Progress.DONE);
    assertThat(content).hasSize(5000);
    assertThat(pieces[0]).isLessThan(5);
  }
}
