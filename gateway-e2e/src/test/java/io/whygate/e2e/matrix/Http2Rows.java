package io.whygate.e2e.matrix;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.whygate.faults.FaultyServer;
import io.whygate.faults.http2.FieldBlock;
import io.whygate.faults.http2.FramedPeer;
import io.whygate.faults.http2.FramedServer;
import io.whygate.faults.http2.FramedServer.Script;
import io.whygate.faults.tls.Pki;
import java.io.IOException;
import java.util.List;

/// Servers that speak HTTP/2, frame by frame (RFC 9113): what they end with an error, what they do
/// against the rules, what only looks like one of both, and what is no failure at all.
final class Http2Rows {
  private static final String ERROR = "application.http2-error";
  private static final String MISMATCH = "application.protocol-mismatch";
  private static final String PROTOCOL = "http_protocol_error";
  private static final String ALONE = "protocol = http2";

  private Http2Rows() {}

  static List<Row> all() {
    return List.of(
        page("h2: RST_STREAM with INTERNAL_ERROR", "unknown", (peer, s) -> peer.reset(s, 2))
            .because("INTERNAL_ERROR"),
        page("h2: RST_STREAM with CANCEL", "unknown", (peer, s) -> peer.reset(s, 8))
            .because("CANCEL"),
        page("h2: GOAWAY with PROTOCOL_ERROR", "unknown", (peer, s) -> peer.goAway(s, 1))
            .because("PROTOCOL_ERROR"),
        page("h2: GOAWAY that takes nothing", "not_sent", (peer, s) -> peer.goAway(0, 11))
            .because("ENHANCE_YOUR_CALM"),
        error(
                "h2: refuses every stream",
                Expected.unsent(ERROR, 502, "connection_terminated"),
                (peer, s) -> peer.reset(s, 7))
            .because("REFUSED_STREAM"),
        page(
                "h2: pushes what nobody asked for",
                "unknown",
                (peer, s) ->
                    peer.send(
                        FramedPeer.PUSH_PROMISE, FramedPeer.END_HEADERS, s, FramedPeer.number(2)))
            .because("PUSH_PROMISE"),
        page(
                "h2: fields that cannot be unpacked",
                "received",
                (peer, s) ->
                    peer.send(FramedPeer.HEADERS, 5, s, (byte) 0xff, (byte) 0xff, (byte) 0xff))
            .because("COMPRESSION_ERROR"),
        page(
                "h2: a frame larger than allowed",
                "unknown",
                (peer, s) -> peer.send(FramedPeer.DATA, 0, s, new byte[20_000]))
            .because("FRAME_SIZE_ERROR"),
        page(
                "h2: PING without an end",
                "unknown",
                (peer, s) -> {
                  for (int i = 0; i < 3_000; i++) {
                    peer.send(FramedPeer.PING, 0, 0, new byte[8]);
                  }
                })
            .because("ENHANCE_YOUR_CALM"),
        error(
            "h2: reset within the body",
            Expected.cut(ERROR),
            (peer, s) -> {
              peer.headers(s, false, ":status: 200");
              peer.data(s, false, "half").reset(s, 2);
            }),
        error(
            "h2: a field name in upper case",
            Expected.page("application.malformed-response", 502, PROTOCOL, "received"),
            (peer, s) -> peer.headers(s, true, ":status: 200", "X-A: b")),
        error(
            "h2: a field of a connection of HTTP/1",
            Expected.page("application.malformed-response", 502, PROTOCOL, "received"),
            (peer, s) -> peer.headers(s, true, ":status: 200", "connection: close")),
        Row.of(
            "h2: fields without an end",
            Expected.page(
                "application.header-too-large",
                502,
                "http_response_header_section_size",
                "received"),
            oneByOne((peer, s) -> {
              peer.send(FramedPeer.HEADERS, 0, s, FieldBlock.of(":status: 200"));
              for (int i = 0; i < 200; i++) {
                peer.send(FramedPeer.CONTINUATION, 0, s, FieldBlock.of("x-a: b"));
              }
            })),
        error(
            "h2: more than the length says",
            Expected.cut("application.length-mismatch"),
            (peer, s) -> {
              peer.headers(s, false, ":status: 200", "content-length: 2");
              peer.data(s, true, "too much");
            }),
        error(
            "h2: less than the length says",
            Expected.cut("application.closed-mid-response"),
            (peer, s) -> {
              peer.headers(s, false, ":status: 200", "content-length: 50");
              peer.data(s, true, "little");
            }),
        Row.of(
            "h2: a filter's page, its words in a frame of their own",
            Expected.passed("firewall.blocked-request", 403),
            framed((peer, s) -> {
              peer.headers(s, false, ":status: 403", "content-type: text/html");
              peer.data(s, true, "<title>Attention Required! | Cloudflare</title>");
            })),
        Row.of(
            "h2: a filter's page that is given with 200",
            Expected.passed("firewall.blocked-request", 200),
            framed((peer, s) -> {
              String page = "<html>The requested URL was rejected. Please consult</html>";
              String length = "content-length: " + page.length();
              peer.headers(s, false, ":status: 200", "content-type: text/html", length);
              peer.data(s, true, page);
            })),
        error(
            "h2: closes without a word",
            Expected.page(
                "application.closed-before-response", 502, "connection_terminated", "unknown"),
            (peer, s) -> peer.close()),
        Row.of(
            "h2: answers nobody",
            Expected.page("application.workers-exhausted", 504, "http_response_timeout", "unknown"),
            Scene.RESPONSE,
            framed((_, _) -> {})),
        Row.of(
            "h2: refused once, at any method",
            Expected.served("blip.recovered"),
            once((peer, s) -> peer.reset(s, 7))),
        Row.of(
            "h2: an orderly GOAWAY crosses the request",
            Expected.served("blip.recovered"),
            once((peer, s) -> peer.goAway(0, 0))),
        Row.of(
            "h2: wants HTTP/1.1",
            Expected.unsent(MISMATCH, 502, PROTOCOL),
            framed((peer, s) -> peer.reset(s, 13))),
        Row.of(
            "h2 is spoken, HTTP/1 comes back",
            Expected.page(MISMATCH, 502, PROTOCOL, "received"),
            Http2Rows::http1),
        Row.of(
            "h2 is spoken, a mail server answers",
            Expected.page("application.not-http", 502, PROTOCOL, "received"),
            breaking(
                new Script() {
                  @Override
                  public void begin(FramedPeer peer) throws IOException {
                    peer.raw("220 mail.example.com ESMTP\r\n".getBytes(US_ASCII));
                  }
                })),
        Row.of(
            "HTTP/1 is spoken, the server knows HTTP/2 alone",
            Expected.page(MISMATCH, 502, PROTOCOL, "received"),
            scene -> {
              FramedServer server = scene.open(FramedServer.start());
              scene.upstream(server.uri(), "").neverWorked().staysBroken();
            }),
        Row.of(
            "TLS: the server knows HTTP/2 alone, one path closes",
            Expected.page("application.path-failure", 502, "connection_terminated", "unknown"),
            Http2Rows::closedPath),
        Row.of(
            "TLS: the server knows HTTP/2 alone, HTTP/1 is offered",
            Expected.unsent(MISMATCH, 502, "tls_alert_received"),
            scene -> {
              Pki pki = Pki.of(Sites.NAME, "127.0.0.1");
              FramedServer server = scene.open(FramedServer.startTls(pki, "h2"));
              scene
                  .upstream(server.uri(), "protocol = http1, " + Sites.trusting(scene, pki))
                  .neverWorked()
                  .staysBroken();
            }));
  }

  /// What a server does with a request.
  private interface Reply {
    void send(FramedPeer peer, int stream) throws IOException;
  }

  private static Row page(String name, String processed, Reply reply) {
    return error(name, Expected.page(ERROR, 502, PROTOCOL, processed), reply);
  }

  private static Row error(String name, Expected expected, Reply reply) {
    return Row.of(name, expected, framed(reply));
  }

  private static Row.Staging framed(Reply reply) {
    return breaking(
        new Script() {
          @Override
          public void answer(FramedPeer peer, FramedPeer.Request request, int number)
              throws IOException {
            reply.send(peer, request.stream());
          }
        });
  }

  /// The same, where what one request meets ends others that share its connection.
  private static Row.Staging oneByOne(Reply reply) {
    return scene -> {
      framed(reply).stage(scene);
      scene.changes();
    };
  }

  private static Row.Staging once(Reply reply) {
    return breaking(
        new Script() {
          @Override
          public void answer(FramedPeer peer, FramedPeer.Request request, int number)
              throws IOException {
            if (number == 1) {
              reply.send(peer, request.stream());
            } else {
              peer.ok(request.stream());
            }
          }
        });
  }

  private static Row.Staging breaking(Script script) {
    return scene -> {
      FramedServer server = scene.open(FramedServer.start());
      scene.upstream(server.uri(), ALONE).breaks(_ -> server.play(script), _ -> server.mend());
    };
  }

  /// Light requests and the check whether it has recovered have to speak HTTP/2 too.
  private static void closedPath(Scene scene) throws Exception {
    Pki pki = Pki.of(Sites.NAME, "127.0.0.1");
    FramedServer server = scene.open(FramedServer.startTls(pki, "h2"));
    Script script =
        new Script() {
          @Override
          public void answer(FramedPeer peer, FramedPeer.Request request, int number)
              throws IOException {
            if (request.path().equals(Sites.SICK)) {
              peer.close();
            } else {
              peer.ok(request.stream());
            }
          }
        };
    scene
        .upstream(server.uri(), Sites.trusting(scene, pki))
        .asks("GET", Sites.SICK)
        .breaks(_ -> server.play(script), _ -> server.mend());
  }

  private static void http1(Scene scene) throws IOException {
    FaultyServer server = scene.open(FaultyServer.start());
    scene.upstream(server.uri(), ALONE).neverWorked().staysBroken();
  }
}
