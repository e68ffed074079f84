package io.whygate.gateway.exchange;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.gateway.config.Cidr;
import io.whygate.gateway.config.Sources;
import io.whygate.gateway.config.UpstreamSettings;
import io.whygate.gateway.config.UpstreamSettings.HostHeader;
import io.whygate.gateway.http.Heads;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.proxyprotocol.Ends;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamRequestTest {
  private static final Endpoint ENDPOINT = new Endpoint(Endpoint.Scheme.HTTP, "app.internal", 3000);
  private static final ForwardedFields.Identity IDENTITY =
      new ForwardedFields.Identity("gate", "i1");
  private static final String HOPS = "Via: 1.1 gate|CDN-Loop: gate; id=i1|";

  private static String written(String lines) {
    return written(lines, HostHeader.PRESERVE, false, "203.0.113.9");
  }

  private static String written(String lines, HostHeader host, boolean secure, String peer) {
    return written(lines, host, secure, peer, UpstreamSettings.RequestId.PASS);
  }

  private static String written(
      String lines,
      HostHeader host,
      boolean secure,
      String peer,
      UpstreamSettings.RequestId wanted) {
    ByteBuf out = Unpooled.buffer();
    InetSocketAddress client = new InetSocketAddress(InetAddress.ofLiteral(peer), 5);
    ForwardedFields forwarded =
        new ForwardedFields(
            Peer.of(new Ends(client, client), secure),
            new Sources(List.of(new Cidr(InetAddress.ofLiteral("10.0.0.0"), 8)), false),
            IDENTITY);
    RequestHead request = Heads.request(lines);
    RequestId id = RequestId.of(request, wanted);
    new UpstreamRequest(request, ENDPOINT, host, forwarded, id, null).writeHttp1(out);
    String text = out.toString(ISO_8859_1).replace("\r\n", "|");
    out.release();
    return text;
  }

  /// The lines without those that tell of the client.
  private static String own(String lines) {
    String text = written(lines);
    return text.substring(0, text.indexOf("X-Forwarded-For"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "GET /a?b HTTP/1.1|Host: h|X: 1 ~ GET /a?b HTTP/1.1|Host: h|X: 1|",
        "GET / HTTP/1.0|Host: h ~ GET / HTTP/1.1|Host: h|",
        "GET / HTTP/1.0|X: 1 ~ GET / HTTP/1.1|Host: app.internal:3000|X: 1|",
        "GET http://b/c HTTP/1.1|Host: h ~ GET /c HTTP/1.1|Host: b|",
        "GET http://b?c HTTP/1.1|Host: h ~ GET /?c HTTP/1.1|Host: b|",
        "OPTIONS http://b HTTP/1.1|Host: h ~ OPTIONS * HTTP/1.1|Host: b|",
        "GET http://b HTTP/1.1|Host: h ~ GET / HTTP/1.1|Host: b|",
        "POST / HTTP/1.1|Host: h|Content-Length: 3 ~ POST / HTTP/1.1|Host: h|Content-Length: 3|",
        "POST / HTTP/1.1|Host: h ~ POST / HTTP/1.1|Host: h|Content-Length: 0|",
        "POST / HTTP/1.1|Host: h|Transfer-Encoding: chunked|Trailer: Sum ~ POST / HTTP/1.1|Host: h|Trailer: Sum|Transfer-Encoding: chunked|",
        "GET / HTTP/1.1|Host: h|Connection: keep-alive, X-Secret|X-Secret: 1|X-Open: 2|Keep-Alive: 5 ~ GET / HTTP/1.1|Host: h|X-Open: 2|",
        "GET / HTTP/1.1|Host: h|TE: trailers|Proxy-Connection: close|Upgrade: h2c|HTTP2-Settings: x ~ GET / HTTP/1.1|Host: h|",
        "GET / HTTP/1.1|Host: h|Connection: upgrade|Upgrade: websocket ~ GET / HTTP/1.1|Host: h|Connection: Upgrade|Upgrade: websocket|",
        "GET / HTTP/1.1|Host: h|Upgrade: websocket ~ GET / HTTP/1.1|Host: h|",
        "GET / HTTP/1.1|Host: h|Connection: host, via, accept|Accept: a|Via: 1.1 x ~ GET / HTTP/1.1|Host: h|Via: 1.1 x|",
        "PUT / HTTP/1.1|Host: h|Expect: 100-continue|Content-Length: 1 ~ PUT / HTTP/1.1|Host: h|Expect: 100-continue|Content-Length: 1|",
        "GET / HTTP/1.1|Host: h|Expect: 100-continue ~ GET / HTTP/1.1|Host: h|",
        "OPTIONS / HTTP/1.1|Host: h|Max-Forwards: 3 ~ OPTIONS / HTTP/1.1|Host: h|Max-Forwards: 2|",
        "GET / HTTP/1.1|Host: h|Max-Forwards: 3 ~ GET / HTTP/1.1|Host: h|Max-Forwards: 3|",
      })
  void leavesOutWhatBelongsToOneHop(String lines, String expected) {
    assertThat(own(lines)).isEqualTo(expected);
  }

  @Test
  void writesTheEndpointsNameWhereItIsTold() {
    assertThat(written("GET / HTTP/1.1|Host: h", HostHeader.UPSTREAM, false, "203.0.113.9"))
        .startsWith("GET / HTTP/1.1|Host: app.internal:3000|");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Client-Cert", "client_cert", "Client-Cert-Chain", "CLIENT-CERT_CHAIN"})
  void dropsACertificateThatAClientMerelyClaims(String name) {
    assertThat(own("GET / HTTP/1.1|Host: h|" + name + ": :AAAA:|X: 1"))
        .isEqualTo("GET / HTTP/1.1|Host: h|X: 1|");
  }

  @Test
  void passesACertificateThatATrustedProxySaw() {
    assertThat(
            written(
                "GET / HTTP/1.1|Host: h|Client-Cert: :AAAA:",
                HostHeader.PRESERVE,
                false,
                "10.0.0.1"))
        .startsWith("GET / HTTP/1.1|Host: h|Client-Cert: :AAAA:|");
  }

  @Test
  void tellsOfAClientThatMayNotSpeakForItself() {
    assertThat(
            written(
                "GET / HTTP/1.1|Host: h:8|X-Forwarded-For: 1.2.3.4|X-Real-IP: 1.2.3.4"
                    + "|Forwarded: for=1.2.3.4|X-Forwarded-Proto: https|X-Forwarded-Host: evil"))
        .isEqualTo(
            "GET / HTTP/1.1|Host: h:8|X-Forwarded-For: 203.0.113.9|X-Real-IP: 203.0.113.9"
                + "|X-Forwarded-Proto: http|X-Forwarded-Host: h:8"
                + "|Forwarded: for=203.0.113.9;host=\"h:8\";proto=http|"
                + HOPS
                + "|");
  }

  @Test
  void appendsToTheChainOfATrustedProxy() {
    assertThat(
            written(
                "GET / HTTP/1.1|Host: h|X-Forwarded-For: 1.2.3.4, 10.0.0.2|X-Forwarded-For: 10.0.0.3"
                    + "|Forwarded: for=1.2.3.4|X-Forwarded-Proto: https|X-Forwarded-Host: shop",
                HostHeader.PRESERVE,
                false,
                "10.0.0.1"))
        .contains(
            "X-Forwarded-For: 1.2.3.4, 10.0.0.2, 10.0.0.3, 10.0.0.1|X-Real-IP: 1.2.3.4"
                + "|X-Forwarded-Proto: https|X-Forwarded-Host: shop"
                + "|Forwarded: for=1.2.3.4, for=10.0.0.1;host=\"shop\";proto=https|");
  }

  @Test
  void dropsAForwardedFieldWithOpenQuotesOfATrustedProxy() {
    assertThat(
            written(
                "GET / HTTP/1.1|Host: h|Forwarded: for=\"x", HostHeader.PRESERVE, true, "10.0.0.1"))
        .contains("|Forwarded: for=10.0.0.1;host=\"h\";proto=https|");
  }

  @Test
  void writesIpv6AddressesAsEachFieldWantsThem() {
    assertThat(written("GET / HTTP/1.1|Host: h", HostHeader.PRESERVE, true, "2001:db8::1"))
        .contains("X-Forwarded-For: 2001:db8:0:0:0:0:0:1|")
        .contains("Forwarded: for=\"[2001:db8:0:0:0:0:0:1]\";host=\"h\";proto=https|");
  }

  @Test
  void knowsItsOwnMark() {
    assertThat(
            IDENTITY.isLoop(
                Heads.request("GET / HTTP/1.1|Host: h|CDN-Loop: x|CDN-Loop: gate; id=i1")))
        .isTrue();
    assertThat(IDENTITY.isLoop(Heads.request("GET / HTTP/1.1|Host: h|CDN-Loop: gate; id=i2")))
        .isFalse();
  }

  private static String withId(String lines, UpstreamSettings.RequestId wanted) {
    String text =
        written(
            "GET / HTTP/1.1|Host: h|" + lines, HostHeader.PRESERVE, false, "203.0.113.9", wanted);
    return text.substring(text.indexOf("Host: h|") + 8, text.indexOf("X-Forwarded-For"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "X-Request-Id: abc-1 ~ X-Request-Id: abc-1\\|",
        "X-Request-Id: ab c ~ X-Request-Id: [0-9a-f]{32}\\|",
        "X-Request-Id: a\"b ~ X-Request-Id: [0-9a-f]{32}\\|",
        "X-Request-Id: ab|x-request-id: cd ~ X-Request-Id: [0-9a-f]{32}\\|",
        "Connection: x-request-id|X-Request-Id: abc ~ X-Request-Id: [0-9a-f]{32}\\|",
        "X-A: 1 ~ X-A: 1\\|X-Request-Id: [0-9a-f]{32}\\|",
      })
  void givesEachRequestOneIdThatIsFitForALog(String lines, String expected) {
    assertThat(withId(lines, UpstreamSettings.RequestId.CREATE)).matches(expected);
  }

  @Test
  void makesNoIdWhereTheUpstreamWantsTheClientsAlone() {
    assertThat(withId("X-A: 1", UpstreamSettings.RequestId.PASS)).isEqualTo("X-A: 1|");
    assertThat(withId("X-Request-Id: ab c", UpstreamSettings.RequestId.PASS))
        .isEqualTo("X-Request-Id: ab c|");
  }

  @Test
  void knowsAllByWhichALogMayNameTheRequest() {
    RequestHead request =
        Heads.request(
            "GET / HTTP/1.1|Host: h|X-Request-Id: abc-1|traceparent:"
                + " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01|X-Amzn-Trace-Id:"
                + " Root=1-67891233-abcdef012345678912345678;Sampled=1|X-Correlation-Id: c-9");
    RequestId id = RequestId.of(request, UpstreamSettings.RequestId.CREATE);
    assertThat(id.all(request.fields(), "4bf92f3577b34da6a3ce929d0e0e4736"))
        .containsExactly(
            "abc-1",
            "4bf92f3577b34da6a3ce929d0e0e4736",
            "1-67891233-abcdef012345678912345678",
            "c-9");
  }
}
