package io.whygate.gateway.exchange;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.whygate.gateway.RawClient;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import io.whygate.gateway.compression.Decoding;
import io.whygate.gateway.config.CompressionSettings.Coding;
import io.whygate.gateway.listener.http2.H2Client;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Answers that are compressed on their way, and those that are not.
class CompressionTest {
  private static final String ON = "route-defaults { compression { enabled = true } }";
  private static final String PAGE = "<p>the same words again and again</p>\n".repeat(200);
  private static final String HTML = "Content-Type: text/html; charset=utf-8|";

  private interface Visit {
    void make(RunningGateway gateway, RawClient client) throws Exception;
  }

  private static void before(ScriptedServer.Script script, String settings, Visit visit)
      throws Exception {
    try (ScriptedServer server = new ScriptedServer(script);
        RunningGateway gateway = RunningGateway.with(settings, "", server.uri());
        RawClient client = gateway.client()) {
      visit.make(gateway, client);
    }
  }

  /// Says the same to every request; `|` is a line end.
  private static ScriptedServer.Script saying(String head, String content) {
    return (peer, _) -> {
      for (String asked = peer.head(); !asked.isEmpty(); asked = peer.head()) {
        peer.send(head.replace("|", "\r\n") + (asked.startsWith("HEAD ") ? "" : content));
      }
    };
  }

  private static ScriptedServer.Script page(String fields) {
    return saying("HTTP/1.1 200 OK|" + fields + "Content-Length: " + PAGE.length() + "||", PAGE);
  }

  private static RawClient ask(RawClient client, String method, String accepted)
      throws IOException {
    return client.send(
        method + " / HTTP/1.1\r\nHost: test\r\nAccept-Encoding: " + accepted + "\r\n\r\n");
  }

  private static String decoded(Coding coding, RawClient.Answer answer) throws IOException {
    return new String(Decoding.whole(coding, answer.body().getBytes(ISO_8859_1)), ISO_8859_1);
  }

  private static String name(Coding coding) {
    return coding.name().toLowerCase(Locale.ROOT);
  }

  @ParameterizedTest
  @EnumSource
  void aPageIsCompressed(Coding coding) throws Exception {
    before(
        page(HTML + "ETag: \"v1\"|Accept-Ranges: bytes|X-Else: 1|"),
        ON,
        (gateway, client) -> {
          for (int i = 0; i < 3; i++) {
            RawClient.Answer answer = ask(client, "GET", name(coding)).answer();
            assertThat(answer.field("Content-Encoding")).isEqualTo(name(coding));
            assertThat(answer.field("Vary")).isEqualTo("Accept-Encoding");
            assertThat(answer.field("ETag")).isEqualTo("W/\"v1\"");
            assertThat(answer.field("Transfer-Encoding")).isEqualTo("chunked");
            assertThat(answer.field("X-Else")).isEqualTo("1");
            assertThat(answer.field("Accept-Ranges")).isEmpty();
            assertThat(answer.field("Content-Length")).isEmpty();
            assertThat(answer.body().length()).isLessThan(PAGE.length() / 10);
            assertThat(decoded(coding, answer)).isEqualTo(PAGE);
          }
          assertThat(gateway.records(3).getFirst())
              .as("what was sent, not what was encoded")
              .doesNotContain("\"response_bytes\":" + PAGE.length());
          assertThat(gateway.counted("whygate_compressed_responses", "coding", name(coding)))
              .isEqualTo(3);
          assertThat(gateway.counted("whygate_compressed_bytes", "stage", "before"))
              .isEqualTo(3 * PAGE.length());
          assertThat(gateway.counted("whygate_compressed_bytes", "stage", "after"))
              .isBetween(60L, PAGE.length() / 3L);
        });
  }

  @ParameterizedTest
  @EnumSource
  void aPageIsCompressedForClientsOfHttp2(Coding coding) throws Exception {
    try (ScriptedServer server = new ScriptedServer(page(HTML + "ETag: W/\"v1\"|Vary: Cookie|"));
        RunningGateway gateway = RunningGateway.with(ON, "", server.uri());
        H2Client client = H2Client.begun(gateway.address())) {
      client.get(1, "/", "accept-encoding: " + name(coding));
      H2Client.Answer answer = client.answer(1);
      assertThat(answer.fields())
          .contains(
              "content-encoding: " + name(coding),
              "vary: Cookie",
              "vary: Accept-Encoding",
              "etag: W/\"v1\"")
          .noneMatch(each -> each.startsWith("content-length"));
      assertThat(new String(Decoding.whole(coding, answer.content()), ISO_8859_1)).isEqualTo(PAGE);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        HTML + "Content-Encoding: br|",
        HTML + "Cache-Control: public, no-transform|",
        HTML + "Content-Range: bytes 0-9/10|",
        "Content-Type: image/png|",
        "",
      })
  void someAnswersStayAsTheyAre(String fields) throws Exception {
    before(page(fields), ON, (_, client) -> isUntouched(client, "gzip", ""));
  }

  private static void isUntouched(RawClient client, String accepted, String vary)
      throws IOException {
    RawClient.Answer answer = ask(client, "GET", accepted).answer();
    assertThat(answer.body()).isEqualTo(PAGE);
    assertThat(answer.field("Content-Length")).isEqualTo("" + PAGE.length());
    assertThat(answer.field("Vary")).isEqualTo(vary);
    assertThat(answer.field("Content-Encoding")).isNotEqualTo("gzip");
  }

  @Test
  void whatIsOffIsOff() throws Exception {
    before(page(HTML), "", (_, client) -> isUntouched(client, "gzip", ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"identity", "deflate", "gzip;q=0"})
  void whoWantsItPlainHasItPlainAndCachesAreTold(String accepted) throws Exception {
    before(page(HTML), ON, (_, client) -> isUntouched(client, accepted, "Accept-Encoding"));
  }

  @Test
  void whatVariesAlreadyIsNotSaidTwice() throws Exception {
    before(
        page(HTML + "Vary: Cookie, accept-encoding|"),
        ON,
        (_, client) -> {
          RawClient.Answer answer = ask(client, "GET", "gzip").answer();
          assertThat(answer.fields()).filteredOn(each -> each.startsWith("Vary")).hasSize(1);
          assertThat(decoded(Coding.GZIP, answer)).isEqualTo(PAGE);
        });
  }

  @Test
  void aShortAnswerStaysAsItIs() throws Exception {
    before(
        saying("HTTP/1.1 200 OK|" + HTML + "Content-Length: 1023||", "x".repeat(1_023)),
        ON,
        (_, client) ->
            assertThat(ask(client, "GET", "gzip").answer().body()).isEqualTo("x".repeat(1_023)));
  }

  @Test
  void headIsToldWhatGetWouldBe() throws Exception {
    before(
        page(HTML + "ETag: \"v1\"|"),
        ON,
        (_, client) -> {
          RawClient.Answer answer = ask(client, "HEAD", "gzip").answerToHead();
          assertThat(answer.field("Content-Encoding")).isEqualTo("gzip");
          assertThat(answer.field("ETag")).isEqualTo("W/\"v1\"");
          assertThat(answer.field("Content-Length")).isEmpty();
          assertThat(decoded(Coding.GZIP, ask(client, "GET", "gzip").answer())).isEqualTo(PAGE);
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.1 304 Not Modified|ETag: \"v1\"||", "HTTP/1.1 204 No Content||"})
  void answersWithoutContentStayAsTheyAre(String head) throws Exception {
    before(
        saying(head.replace("||", "|" + HTML + "|"), ""),
        ON,
        (_, client) -> {
          RawClient.Answer answer = ask(client, "GET", "gzip").answer();
          assertThat(answer.field("Content-Encoding")).isEmpty();
          assertThat(answer.field("Transfer-Encoding")).isEmpty();
        });
  }

  @Test
  void aPartStaysAsItIsAndCachesAreTold() throws Exception {
    before(
        saying(
            "HTTP/1.1 206 Partial Content|"
                + HTML
                + "Content-Range: bytes 0-9/9000|ETag: \"v1\"|Content-Length: 10||",
            "0123456789"),
        ON,
        (_, client) -> {
          RawClient.Answer answer = ask(client, "GET", "gzip").answer();
          assertThat(answer.body()).isEqualTo("0123456789");
          assertThat(answer.field("ETag")).isEqualTo("\"v1\"");
          assertThat(answer.field("Content-Encoding")).isEmpty();
          assertThat(answer.field("Vary")).isEqualTo("Accept-Encoding");
        });
  }

  /// A cache has to know which of its answers has not changed.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "W/\"v1\" | W/\"v1\" | Accept-Encoding",
        "\"x\", W/\"v1\" | W/\"v1\" | Accept-Encoding",
        "\"v1\" | \"v1\" | ''",
        "* | \"v1\" | ''",
      })
  void whatHasNotChangedIsCalledAsItWas(String known, String tag, String vary) throws Exception {
    before(
        saying("HTTP/1.1 304 Not Modified|ETag: \"v1\"||", ""),
        ON,
        (_, client) -> {
          RawClient.Answer answer = ask(client, "GET", "gzip\r\nIf-None-Match: " + known).answer();
          assertThat(answer.status()).isEqualTo(304);
          assertThat(answer.field("ETag")).isEqualTo(tag);
          assertThat(answer.field("Vary")).isEqualTo(vary);
          assertThat(ask(client, "GET", "gzip").answer().field("ETag")).isEqualTo("\"v1\"");
        });
  }

  @Test
  void aClientOfHttp10HasItPlain() throws Exception {
    before(
        page(HTML),
        ON,
        (_, client) -> {
          client.send("GET / HTTP/1.0\r\nHost: test\r\nAccept-Encoding: gzip\r\n\r\n");
          assertThat(client.answer().body()).isEqualTo(PAGE);
        });
  }

  @ParameterizedTest
  @EnumSource
  void whatComesInPiecesIsPassedOnAtOnce(Coding coding) throws Exception {
    before(
        (peer, _) -> {
          peer.head();
          peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n");
          peer.send("Transfer-Encoding: chunked\r\n\r\n4\r\none\n\r\n");
          peer.head();
        },
        ON,
        (gateway, client) -> {
          ask(client, "GET", name(coding));
          String head = "";
          while (!head.endsWith("\r\n\r\n")) {
            head += client.bytes(1);
          }
          assertThat(head).startsWith("HTTP/1.1 200").contains("chunked");
          try (InputStream in = Decoding.of(coding, new Unchunked(client.in()))) {
            assertThat(in.readNBytes(4)).isEqualTo("one\n".getBytes(ISO_8859_1));
          }
        });
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
      line.append((char) next);
    }
    return line.toString().strip();
  }

  /// The content of chunks, as it comes.
  private static final class Unchunked extends InputStream {
    private final InputStream in;
    private int left;

    Unchunked(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      if (left == 0) {
        String size = line(in);
        left = Integer.parseInt(size.isEmpty() ? line(in) : size, 16);
      }
      left--;
      return in.read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int next = read();
      bytes[offset] = (byte) next;
      return 1;
    }
  }

  @Test
  void anAnswerThatBreaksOffIsNotMadeWhole() throws Exception {
    before(
        (peer, _) -> {
          peer.head();
          peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n");
          peer.send(PAGE);
        },
        ON,
        (gateway, client) -> {
          assertThatIOException().isThrownBy(() -> ask(client, "GET", "gzip").answer());
          assertThat(gateway.records(1).getFirst()).contains("\"outcome\":\"truncated\"");
        });
  }

  @Test
  void moreAtATimeThanTheSettingAllowsStayAsTheyAre() throws Exception {
    String one = "route-defaults { compression { enabled = true, max-concurrent = 1 } }";
    String begun =
        "HTTP/1.1 200 OK\r\n" + HTML.replace("|", "\r\n") + "Transfer-Encoding: chunked\r\n\r\n";
    before(
        (peer, number) -> {
          peer.head();
          peer.send(begun + "4\r\none\n\r\n");
          if (number > 1) {
            peer.send("0\r\n\r\n");
          }
          peer.head();
        },
        one,
        (gateway, held) -> {
          ask(held, "GET", "gzip");
          assertThat(held.bytes(15)).isEqualTo("HTTP/1.1 200 OK");
          try (RawClient other = gateway.client()) {
            RawClient.Answer plain = ask(other, "GET", "gzip").answer();
            assertThat(plain.field("Content-Encoding")).isEmpty();
            assertThat(plain.field("Vary")).isEqualTo("Accept-Encoding");
            assertThat(plain.body()).isEqualTo("one\n");
          }
          held.close();
          gateway.records(2);
          try (RawClient third = gateway.client()) {
            assertThat(ask(third, "GET", "gzip").answer().field("Content-Encoding"))
                .as("the place is free again")
                .isEqualTo("gzip");
          }
        });
  }

  @Test
  void aLargeAnswerArrivesWhole() throws Exception {
    String content = PAGE.repeat(400);
    before(
        saying("HTTP/1.1 200 OK|" + HTML + "Content-Length: " + content.length() + "||", content),
        ON,
        (_, client) -> {
          for (Coding coding : Coding.values()) {
            assertThat(decoded(coding, ask(client, "GET", name(coding)).answer()))
                .isEqualTo(content);
          }
        });
  }

  @Test
  void theGatewaysOwnPageStaysAsItIs() throws Exception {
    before(
        (peer, _) -> peer.head(),
        ON,
        (_, client) -> {
          RawClient.Answer answer = ask(client, "GET", "gzip").answer();
          assertThat(answer.status()).isEqualTo(502);
          assertThat(answer.field("Content-Encoding")).isEmpty();
        });
  }
}
