package io.whygate.gateway.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.whygate.diagnostics.facts.ResponseProblem;
import io.whygate.gateway.http.MessageHead.Progress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResponseHeadTest {
  private final ResponseHead head = new ResponseHead(new HeadLimits(200, 200, 4));

  private Progress read(String bytes, boolean toHead) {
    head.reset();
    head.answering(toHead);
    ByteBuf in =
        Unpooled.copiedBuffer(
            bytes.replace("|", "\r\n").replace("\\n", "\n").replace("\\0", "\0"), ISO_8859_1);
    try {
      return head.read(in);
    } finally {
      in.release();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "HTTP/1.1 200 OK|Content-Length: 5|| ~ 200 LENGTH true",
        "HTTP/1.1 200|Content-Length: 5|| ~ 200 LENGTH true",
        "HTTP/1.1 200 |Content-Length: 0|| ~ 200 NONE true",
        "HTTP/1.1 200 OK|Transfer-Encoding: chunked|| ~ 200 CHUNKED true",
        "HTTP/1.1 200 OK|| ~ 200 UNTIL_CLOSE false",
        "HTTP/1.0 200 OK|Content-Length: 5|| ~ 200 LENGTH false",
        "HTTP/1.0 200 OK|Connection: keep-alive|Content-Length: 5|| ~ 200 LENGTH true",
        "HTTP/1.1 204 No|Content-Length: 5|| ~ 204 NONE true",
        "HTTP/1.1 204 No|Transfer-Encoding: chunked|| ~ 204 NONE false",
        "HTTP/1.1 304 No|Content-Length: 5|| ~ 304 NONE true",
        "HTTP/1.1 100 Go|| ~ 100 NONE true",
        "HTTP/1.1 200 OK|Connection: close|Content-Length: 5|| ~ 200 LENGTH false",
        "HTTP/1.1 999 Odd|Content-Length: 1|| ~ 999 LENGTH true",
        "|HTTP/1.1 200 OK|Content-Length: 5|| ~ 200 LENGTH true",
      })
  void framesWhatIsSound(String bytes, String expected) {
    assertThat(read(bytes, false)).as(head.detail()).isEqualTo(Progress.DONE);
    assertThat(head.status() + " " + head.framing() + " " + head.isPersistent())
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "SSH-2.0-x| ~ NOT_HTTP",
        "HTTP/2.0 200 OK|| ~ BAD_STATUS_LINE",
        "HTTP/1.1 20 OK|| ~ BAD_STATUS_LINE",
        "HTTP/1.1 20| ~ NOT_HTTP",
        "HTTP/1.1 2000 OK|| ~ BAD_STATUS_LINE",
        "HTTP/1.1 099 OK|| ~ BAD_STATUS_LINE",
        "HTTP/1.1  200 OK|| ~ BAD_STATUS_LINE",
        "HTTP/1.1 200 O\\0K|| ~ BAD_STATUS_LINE",
        "HTTP/1.1 200 OK|Bad Name: x|| ~ BAD_FIELD",
        "HTTP/1.1 200 OK|X: a\\0b|| ~ BAD_FIELD",
        "HTTP/1.1 200 OK|X: a\\nY: b|| ~ BAD_FIELD",
        "HTTP/1.1 200 OK|Content-Length: 5|Content-Length: 6|| ~ AMBIGUOUS_FRAMING",
        "HTTP/1.1 200 OK|Content-Length: 5|Content-Length: 5|| ~ AMBIGUOUS_FRAMING",
        "HTTP/1.1 200 OK|Content-Length: 5|Transfer-Encoding: chunked|| ~ AMBIGUOUS_FRAMING",
        "HTTP/1.1 200 OK|Transfer-Encoding: chunked|Transfer-Encoding: chunked|| ~ AMBIGUOUS_CODING",
        "HTTP/1.1 200 OK|Transfer-Encoding: gzip, chunked|| ~ AMBIGUOUS_CODING",
        "HTTP/1.0 200 OK|Transfer-Encoding: chunked|| ~ AMBIGUOUS_FRAMING",
        "HTTP/1.1 200 OK|A: 1|B: 1|C: 1|D: 1|E: 1|| ~ HEADER_TOO_LARGE",
      })
  void namesWhatIsWrong(String bytes, ResponseProblem problem) {
    assertThat(read(bytes, false)).isEqualTo(Progress.BAD);
    assertThat(head.problem()).as(head.detail()).isEqualTo(problem);
    assertThat(head.detail()).isNotEmpty();
  }

  @Test
  void measuresAHeadThatIsTooLarge() {
    assertThat(read("HTTP/1.1 200 OK|X: " + "x".repeat(500), false)).isEqualTo(Progress.BAD);
    assertThat(head.problem()).isEqualTo(ResponseProblem.HEADER_TOO_LARGE);
    assertThat(head.size()).isGreaterThan(200);
  }

  @Test
  void joinsAFoldedLineToItsField() {
    assertThat(read("HTTP/1.1 200 OK|X: a|  b|Content-Length: 0||", false))
        .isEqualTo(Progress.DONE);
    assertThat(head.fields().value(0)).matches("a +b");
    assertThat(head.fields().count()).isEqualTo(2);
  }

  @Test
  void knowsThatAnAnswerToHeadHasNoContent() {
    assertThat(read("HTTP/1.1 200 OK|Content-Length: 5||", true)).isEqualTo(Progress.DONE);
    assertThat(head.framing()).isEqualTo(Framing.NONE);
    assertThat(head.contentLength()).isEqualTo(5);
    assertThat(read("HTTP/1.1 200 OK|Transfer-Encoding: chunked||", true)).isEqualTo(Progress.DONE);
    assertThat(head.framing()).isEqualTo(Framing.NONE);
    assertThat(head.isPersistent()).isTrue();
  }
}
