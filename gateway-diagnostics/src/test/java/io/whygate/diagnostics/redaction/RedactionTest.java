package io.whygate.diagnostics.redaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.facts.WireFacts;
import io.whygate.diagnostics.incident.RedactedSpot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is taken out of recordings, and what stays.
final class RedactionTest {
  private static final String JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP";
  private static final String MIXED = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Authorization | Basic dXNlcjpwYXNz | Basic [redacted]
          authorization | opaque | [redacted]
          Proxy-Authorization | Bearer abc | Bearer [redacted]
          Cookie | sid=1; theme=dark | [redacted]
          Set-Cookie | sid=1; Path=/ | [redacted]
          X-Api-Key | 1234 | [redacted]
          X-CSRF-Token | 1234 | [redacted]
          X-Auth | 1234 | [redacted]
          X-Session-Id | 1234 | [redacted]
          X-Shop-Signature | 1234 | [redacted]
          X-Author | Ann | Ann
          Accept | text/html | text/html
          If-None-Match | "0123456789abcdef0123456789abcdef" | "0123456789abcdef0123456789abcdef"
          X-Note | sees ghp_0123456789abcdef0123 here | sees [redacted] here
          X-Order | 3f2504e0-4f89-41d3-9a0c-0305e82c3301 | 3f2504e0-4f89-41d3-9a0c-0305e82c3301
          Referer | https://ann:pw@a.example/x?token=1&page=2 | https://REDACTED@a.example/x?token=REDACTED&page=2
          """)
  void fieldsLoseTheirSecretsAlone(String name, String value, String shown) {
    assertThat(Redaction.field(name, value)).isEqualTo(shown);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /cart?id=7&page=2 | /cart?id=7&page=2
          /cart?access_token=1&page=2 | /cart?access_token=REDACTED&page=2
          /cart?API-Key=1 | /cart?API-Key=REDACTED
          /login?user=ann&password=pw&pwd= | /login?user=ann&password=REDACTED&pwd=
          /back?code=1;state=2 | /back?code=REDACTED;state=2
          /a?user%5Btoken%5D=1 | /a?user%5Btoken%5D=REDACTED
          /?monkey=1&keyboard=2 | /?monkey=1&keyboard=2
          * | *
          """)
  void targetsLoseTheirSecretsAlone(String target, String shown) {
    assertThat(Redaction.target(target)).isEqualTo(shown);
  }

  @Test
  void whatLooksLikeATokenGoesWhateverItsName() {
    assertThat(Redaction.field("X-Thing", "a " + JWT + ", b")).isEqualTo("a [redacted], b");
    assertThat(Redaction.field("X-Thing", MIXED)).isEqualTo("[redacted]");
    assertThat(Redaction.target("/reset/" + JWT + "/now")).isEqualTo("/reset/REDACTED/now");
    assertThat(Redaction.query("q=" + MIXED + "&x=1&" + JWT)).isEqualTo("q=REDACTED&x=1&REDACTED");
  }

  @Test
  void theBeginningOfAnAnswerKeepsItsShape() {
    String bytes =
        "HTTP/1.1 200 OK\r\nServer: nginx\r\nSet-Cookie: sid=topsecret\r\nX: 1\r\n\r\n<p>" + MIXED;
    assertThat(Redaction.head(bytes))
        .isEqualTo(
            "HTTP/1.1 200 OK\r\nServer: nginx\r\nSet-Cookie: [redacted]\r\nX: 1\r\n\r\n<p>[redacted]");
    assertThat(Redaction.head("\u0016\u0003\u0001 \n: x\r"))
        .isEqualTo("\u0016\u0003\u0001 \n: x\r");
  }

  private static RedactedSpot spot(long offset, String before, String after, boolean inHead) {
    return RedactedSpot.of(
        new WireFacts.Spot(offset, before + "!" + after, before.length()), inHead);
  }

  @Test
  void whatStandsBesideAByteIsShownWhereItsLineIsKnown() {
    assertThat(spot(17, "HTTP/1.1 200 OK\r\n", "x: 1\r\nSet-Cookie: topsecret", true))
        .isEqualTo(
            new RedactedSpot(17, "HTTP/1.1 200 OK\r\n", '!', "x: 1\r\nSet-Cookie: [redacted]"));
    assertThat(spot(400, "topsecret\r\nX: 1", "2\r\n", true))
        .isEqualTo(new RedactedSpot(400, "...\nX: 1", '!', "2\r\n"));
    assertThat(spot(400, "\r\nSet-Cookie: tops", "ecret\r\nX: 1", true))
        .isEqualTo(new RedactedSpot(400, "...\nSet-Cookie: [redacted]", '!', "[redacted]\nX: 1"));
    assertThat(spot(400, "topse", "cret; Path=/\r\nX: 1", true))
        .isEqualTo(new RedactedSpot(400, "...", '!', "[redacted]\nX: 1"));
    assertThat(spot(400, "topsecret\r\n\r\n5\r\nhello\r\n", "z", false).before())
        .doesNotContain("secret")
        .endsWith("\r\n5\r\nhello\r\n");
  }
}
