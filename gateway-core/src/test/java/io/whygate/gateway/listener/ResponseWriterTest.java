package io.whygate.gateway.listener;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.whygate.gateway.exchange.HeadEdit;
import io.whygate.gateway.http.Heads;
import io.whygate.gateway.listener.ResponseWriter.Persistence;
import io.whygate.gateway.listener.client.OwnFields;
import io.whygate.gateway.reply.LocalReply;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResponseWriterTest {
  private static final OwnFields OWN = new OwnFields(Optional.empty(), Optional.empty(), () -> 0);

  private static String written(String lines, String more, boolean chunked, Persistence how) {
    ByteBuf out = Unpooled.buffer();
    ResponseWriter.write(
        out, Heads.response(lines), new HeadEdit(more, !more.isEmpty(), false), chunked, how, OWN);
    String text = out.toString(ISO_8859_1).replace("\r\n", "|");
    out.release();
    return text;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "HTTP/1.1 200 OK|Date: d|Content-Length: 5 ~ false ~ HTTP/1.1 200 OK|Date: d|Content-Length: 5||",
        "HTTP/1.0 200|Date: d|Content-Length: 5 ~ false ~ HTTP/1.1 200 |Date: d|Content-Length: 5||",
        "HTTP/1.1 200 OK|Date: d|Transfer-Encoding: chunked|Trailer: T ~ true ~ HTTP/1.1 200 OK|Date: d|Trailer: T|Transfer-Encoding: chunked||",
        "HTTP/1.1 200 OK|Date: d|Transfer-Encoding: chunked|Trailer: T ~ false ~ HTTP/1.1 200 OK|Date: d||",
        "HTTP/1.1 200 OK|Date: d|Connection: close, X-A|X-A: 1|X-B: 2|Keep-Alive: 5|Content-Length: 0 ~ false ~ HTTP/1.1 200 OK|Date: d|X-B: 2|Content-Length: 0||",
        "HTTP/1.1 204 No|Date: d|Content-Length: 0 ~ false ~ HTTP/1.1 204 No|Date: d||",
        "HTTP/1.1 304 No|Date: d|Content-Length: 9 ~ false ~ HTTP/1.1 304 No|Date: d|Content-Length: 9||",
        "HTTP/1.1 426 No|Date: d|Upgrade: x|Content-Length: 0 ~ false ~ HTTP/1.1 426 No|Date: d|Upgrade: x|Content-Length: 0||",
        "HTTP/1.1 200 OK|Date: d|Upgrade: x|Content-Length: 0 ~ false ~ HTTP/1.1 200 OK|Date: d|Content-Length: 0||",
        "HTTP/1.1 103 Early|Link: l ~ false ~ HTTP/1.1 103 Early|Link: l||",
      })
  void leavesOutWhatBelongsToOneHop(String lines, boolean chunked, String expected) {
    assertThat(written(lines, "", chunked, Persistence.IMPLIED)).isEqualTo(expected);
  }

  @Test
  void addsADateWhereThereIsNone() {
    assertThat(written("HTTP/1.1 200 OK|Content-Length: 0", "", false, Persistence.IMPLIED))
        .matches("HTTP/1.1 200 OK\\|Content-Length: 0\\|Date: [A-Z][a-z]{2}, .* GMT\\|\\|");
  }

  @Test
  void addsWhatItIsToldAndWhatBecomesOfTheConnection() {
    String lines = "HTTP/1.1 503 No|Date: d|Content-Length: 0";
    assertThat(written(lines, "X: 1\r\n", false, Persistence.CLOSE))
        .isEqualTo("HTTP/1.1 503 No|Date: d|Content-Length: 0|X: 1|Connection: close||");
    assertThat(written(lines, "", false, Persistence.KEEP_ALIVE))
        .contains("|Connection: keep-alive|");
  }

  @Test
  void passesASwitchOfProtocolsOn() {
    assertThat(
            written(
                "HTTP/1.1 101 Switching|Connection: upgrade|Upgrade: websocket|Sec-X: 1",
                "",
                false,
                Persistence.UPGRADE))
        .isEqualTo("HTTP/1.1 101 Switching|Upgrade: websocket|Sec-X: 1|Connection: Upgrade||");
  }

  @Test
  void writesAnAnswerOfItsOwn() {
    ByteBuf out = Unpooled.buffer();
    ResponseWriter.write(
        out, LocalReply.text(404, "nothing.", false), false, Persistence.CLOSE, OWN);
    assertThat(out.toString(ISO_8859_1))
        .startsWith("HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\n")
        .contains("\r\nContent-Length: 24\r\n")
        .endsWith("\r\nConnection: close\r\n\r\n");
    out.release();
  }
}
