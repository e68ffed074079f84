package io.whygate.gateway.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.whygate.gateway.http.MessageHead.Progress;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestHeadTest {
  private static final HeadLimits LIMITS = new HeadLimits(100, 300, 5);

  private final RequestHead head = new RequestHead(LIMITS);

  private Progress read(String bytes) {
    head.reset();
    ByteBuf in = Unpooled.copiedBuffer(escaped(bytes), ISO_8859_1);
    try {
      return head.read(in);
    } finally {
      in.release();
    }
  }

  /// In tables a backslash stands for what cannot stand in a line.
  private static String escaped(String text) {
    return text.replace("\\r", "\r")
        .replace("\\n", "\n")
        .replace("\\0", "\0")
        .replace("\\t", "\t")
        .replace("|", "\r\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "GET / HTTP/1.1|Host: a|| ~ GET / / a NONE",
        "get / HTTP/1.1|Host: a|| ~ get / / a NONE",
        "|GET / HTTP/1.1|Host: a|| ~ GET / / a NONE",
        "GET /a?b=/c HTTP/1.1|Host: a:80|| ~ GET /a?b=/c /a a:80 NONE",
        "GET http://b/c?d HTTP/1.1|Host: a|| ~ GET /c?d /c b NONE",
        "GET http://b HTTP/1.1|Host: a|| ~ GET / / b NONE",
        "OPTIONS * HTTP/1.1|Host: a|| ~ OPTIONS * * a NONE",
        "GET / HTTP/1.0|| ~ GET / /  NONE",
        "GET / HTTP/1.2|Host: a|| ~ GET / / a NONE",
        "GET / HTTP/1.1|Host: [::1]:8080|| ~ GET / / [::1]:8080 NONE",
        "GET / HTTP/1.1|Host:|| ~ GET / /  NONE",
        "POST / HTTP/1.1|Host: a|Content-Length: 3|| ~ POST / / a LENGTH",
        "POST / HTTP/1.1|Host: a|Content-Length: 0|| ~ POST / / a NONE",
        "POST / HTTP/1.1|Host: a|Transfer-Encoding: Chunked|| ~ POST / / a CHUNKED",
        "GET / HTTP/1.1|hOsT:\\t a \\t|| ~ GET / / a NONE",
      })
  void readsWhatIsSound(String bytes, String expected) {
    assertThat(read(bytes)).isEqualTo(Progress.DONE);
    assertThat(
            String.join(
                " ",
                head.method(),
                head.target(),
                head.path(),
                head.authority(),
                head.framing().name()))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "400 ~ GET / HTTP/1.1||",
        "400 ~ GET / HTTP/1.1|Host: a|Host: a||",
        "400 ~ GET / HTTP/1.1|Host: a/b||",
        "400 ~ GET / HTTP/1.1|Host: a@b||",
        "400 ~ GET / HTTP/1.1|Host: a:70000||",
        "400 ~ GET / HTTP/1.1|Host: a:b||",
        "400 ~ GET / HTTP/1.1\\nHost: a||",
        "400 ~ GET / HTTP/1.1|Host: a\\n\\n",
        "400 ~ GET  / HTTP/1.1|Host: a||",
        "400 ~ GET / HTTP/1.1 |Host: a||",
        "400 ~ GET /",
        "400 ~ GET /|Host: a||",
        "400 ~ GET a HTTP/1.1|Host: a||",
        "400 ~ GET ftp://a/ HTTP/1.1|Host: a||",
        "400 ~ GET http:///x HTTP/1.1|Host: a||",
        "400 ~ GET * HTTP/1.1|Host: a||",
        "400 ~ GET /#x HTTP/1.1|Host: a||",
        "400 ~ GET /\\tx HTTP/1.1|Host: a||",
        "400 ~ GET / http/1.1|Host: a||",
        "400 ~ GET / HTTP/1.1|Host : a||",
        "400 ~ GET / HTTP/1.1|: a||",
        "400 ~ GET / HTTP/1.1|Host||",
        "400 ~ GET / HTTP/1.1| Host: a||",
        "400 ~ GET / HTTP/1.1|Host: a|X: b| c||",
        "400 ~ GET / HTTP/1.1|Host: a|X: b\\0c||",
        "400 ~ GET / HTTP/1.1|Host: a|X: b\\rc||",
        "400 ~ GET / HTTP/1.1|Host: a|X(: b||",
        "400 ~ POST / HTTP/1.1|Host: a|Content-Length: 1|Content-Length: 1||",
        "400 ~ POST / HTTP/1.1|Host: a|Content-Length: 1, 1||",
        "400 ~ POST / HTTP/1.1|Host: a|Content-Length: +1||",
        "400 ~ POST / HTTP/1.1|Host: a|Content-Length: -1||",
        "400 ~ POST / HTTP/1.1|Host: a|Content-Length: 0x1||",
        "400 ~ POST / HTTP/1.1|Host: a|Content-Length:||",
        "400 ~ POST / HTTP/1.1|Host: a|Content-Length: 9999999999999999999||",
        "400 ~ POST / HTTP/1.1|Host: a|Content-Length: 1|Transfer-Encoding: chunked||",
        "400 ~ POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked|Transfer-Encoding: chunked||",
        "400 ~ POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked, gzip||",
        "400 ~ POST / HTTP/1.1|Host: a|Transfer-Encoding: xchunked||",
        "400 ~ POST / HTTP/1.1|Host: a|Transfer-Encoding:||",
        "400 ~ POST / HTTP/1.0|Host: a|Transfer-Encoding: chunked||",
        "501 ~ POST / HTTP/1.1|Host: a|Transfer-Encoding: gzip, chunked||",
        "501 ~ CONNECT a:443 HTTP/1.1|Host: a||",
        "505 ~ GET / HTTP/2.0|Host: a||",
        "505 ~ PRI * HTTP/2.0||",
        "431 ~ GET / HTTP/1.1|Host: a|A: 1|B: 1|C: 1|D: 1|E: 1||",
      })
  void refusesWhatTwoReadersCouldReadInTwoWays(int status, String bytes) {
    Progress progress = read(bytes);
    if (bytes.equals("GET /")) {
      assertThat(progress).isEqualTo(Progress.MORE);
      return;
    }
    assertThat(progress).as(bytes).isEqualTo(Progress.BAD);
    assertThat(head.problem().status()).as(head.problem().detail()).isEqualTo(status);
  }

  @Test
  void refusesARequestLineBeyondItsLimitWith414AlsoBeforeItEnds() {
    assertThat(read("GET /" + "x".repeat(90))).isEqualTo(Progress.MORE);
    assertThat(read("GET /" + "x".repeat(100))).isEqualTo(Progress.BAD);
    assertThat(head.problem().status()).isEqualTo(414);
  }

  @Test
  void refusesFieldsBeyondTheirLimitWith431AlsoBeforeTheyEnd() {
    String line = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    assertThat(read(line + "x".repeat(200))).isEqualTo(Progress.MORE);
    assertThat(read(line + "x".repeat(500))).isEqualTo(Progress.BAD);
    assertThat(head.problem().status()).isEqualTo(431);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u0016\u0003\u0001", "\0", "{", "\u0080"})
  void seesAtTheFirstByteThatItIsNoHttp(String bytes) {
    assertThat(read(bytes)).isEqualTo(Progress.BAD);
    assertThat(head.problem().status()).isEqualTo(400);
  }

  @Test
  void toleratesFewEmptyLinesBeforeTheRequestLine() {
    assertThat(read("||||GET / HTTP/1.1|Host: a||")).isEqualTo(Progress.DONE);
    assertThat(read("|||||")).isEqualTo(Progress.BAD);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "1.1 ~ X: y ~ true",
        "1.1 ~ Connection: close ~ false",
        "1.1 ~ Connection: x , CLOSE ~ false",
        "1.1 ~ Connection: closed ~ true",
        "1.0 ~ X: y ~ false",
        "1.0 ~ Connection: Keep-Alive ~ true",
        "1.0 ~ Connection: keep-alive, close ~ false",
      })
  void knowsWhetherTheConnectionIsKept(String version, String field, boolean kept) {
    read("GET / HTTP/" + version + "|Host: a|" + field + "||");
    assertThat(head.isPersistent()).isEqualTo(kept);
  }

  @Test
  void knowsWhichFieldsEndAtThisHop() {
    read("GET / HTTP/1.1|Host: a|X-One: 1|X-Two: 2|Connection: x-two, close||");
    assertThat(head.hasNominations()).isTrue();
    assertThat(head.isNominated(1)).isFalse();
    assertThat(head.isNominated(2)).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "Connection: upgrade|Upgrade: websocket ~ true",
        "Upgrade: websocket ~ false",
        "Connection: upgrade|Upgrade: h2c ~ false",
        "Connection: upgrade|Upgrade: a, b ~ false",
        "Connection: upgrade|Upgrade: websocket|Content-Length: 1 ~ false",
      })
  void hearsAnUpgradeOnlyWhereItIsPlain(String fields, boolean heard) {
    read("GET / HTTP/1.1|Host: a|" + fields + "||");
    assertThat(head.upgradeField() >= 0).isEqualTo(heard);
  }

  @Test
  void readsTheSameHoweverTheBytesAreCut() {
    String bytes =
        "|GET /p?q HTTP/1.1|Host: a|X: y|Content-Length: 7||rest of it".replace("|", "\r\n");
    Random random = new Random(7);
    for (int round = 0; round < 300; round++) {
      head.reset();
      int at = 0;
      Progress progress = Progress.MORE;
      ByteBuf in = Unpooled.buffer();
      while (progress == Progress.MORE) {
        int n = round == 0 ? 1 : 1 + random.nextInt(Math.min(20, bytes.length() - at));
        in.writeCharSequence(bytes.substring(at, at + n), ISO_8859_1);
        at += n;
        progress = head.read(in);
      }
      assertThat(progress).isEqualTo(Progress.DONE);
      assertThat(head.target() + head.fields().first(FieldName.HOST)).isEqualTo("/p?qa");
      assertThat(head.contentLength()).isEqualTo(7);
      assertThat("rest of it").startsWith(in.toString(ISO_8859_1));
      assertThat(in.readableBytes()).isEqualTo(at - bytes.indexOf("rest"));
      in.release();
    }
  }
}
