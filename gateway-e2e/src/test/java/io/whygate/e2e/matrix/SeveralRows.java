package io.whygate.e2e.matrix;

import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.tls.Pki;
import io.whygate.faults.tls.TlsFault;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Several endpoints or addresses, of which one alone is broken, or each in another way.
final class SeveralRows {
  private SeveralRows() {}

  private static final Ill REFUSES = new Ill("refuses", new Fault.NothingListens());
  private static final Ill HANGS = new Ill("hangs", new Fault.AcceptThenSilence());
  private static final Ill CLOSES = new Ill("closes", new Fault.CloseBeforeResponse());
  private static final Ill NO_HTTP = new Ill("speaks no HTTP", new Fault.GarbageResponse());
  private static final Ill SILENT = new Ill("takes no connection", new Fault.BacklogFull());
  private static final Ill BUSY = new Ill("says 503", new Fault.Overloaded503());
  private static final Ill EXPIRED = new Ill("has an expired certificate", new TlsFault.Expired());
  private static final Ill UNTRUSTED =
      new Ill("has an untrusted issuer", new TlsFault.UntrustedIssuer());
  private static final Ill PLAIN = new Ill("speaks no TLS", new TlsFault.PlainHttp());

  /// A request is not given a third try, so that the budget of retries lasts for a second one each.
  private static final String BOTH_TRIED =
      "balance = round-robin, retry { attempts = 2, budget = 100% }\n";

  /// What is wrong with a server.
  private record Ill(String name, Consumer<FaultyServer> fault, boolean isOfTls) {
    Ill(String name, Fault fault) {
      this(name, server -> server.fault(fault), false);
    }

    Ill(String name, TlsFault fault) {
      this(name, server -> server.tlsFault(fault), true);
    }
  }

  static List<Row> all() {
    return Stream.concat(alike().stream(), unlike().stream()).toList();
  }

  /// Two servers, each ill in another way. The cause is one and the same, whichever is tried first.
  private static List<Row> unlike() {
    Expected closed =
        Expected.page(
            "application.closed-before-response", 502, "connection_terminated", "unknown");
    Expected noHttp = Expected.page("application.not-http", 502, "http_protocol_error", "received");
    Expected expired = Expected.unsent("tls.certificate-expired", 502, "tls_certificate_error");
    Expected hanging =
        Expected.page("application.workers-exhausted", 504, "http_response_timeout", "unknown");
    return Stream.of(
            inBothOrders(hanging, Scene.RESPONSE, REFUSES, HANGS),
            inBothOrders(closed, Duration.ZERO, REFUSES, CLOSES),
            inBothOrders(noHttp, Duration.ZERO, REFUSES, NO_HTTP),
            inBothOrders(closed, Scene.RESPONSE, HANGS, CLOSES),
            inBothOrders(noHttp, Scene.RESPONSE, HANGS, NO_HTTP),
            inBothOrders(Expected.passed("server.overloaded", 503), Duration.ZERO, BUSY, EXPIRED),
            inBothOrders(
                Expected.unsent("server.port-closed", 502, "connection_refused"),
                Scene.CONNECT,
                REFUSES,
                SILENT),
            inBothOrders(closed, Scene.CONNECT, SILENT, CLOSES),
            inBothOrders(Expected.passed("server.overloaded", 503), Duration.ZERO, REFUSES, BUSY),
            inBothOrders(expired, Duration.ZERO, REFUSES, EXPIRED),
            inBothOrders(expired, Duration.ZERO, UNTRUSTED, EXPIRED),
            inBothOrders(noHttp, Duration.ZERO, EXPIRED, NO_HTTP),
            inBothOrders(
                Expected.unsent("tls.plaintext-upstream", 502, "tls_protocol_error"),
                Duration.ZERO,
                EXPIRED,
                PLAIN))
        .flatMap(List::stream)
        .toList();
  }

  private static List<Row> inBothOrders(Expected expected, Duration inherent, Ill one, Ill other) {
    return List.of(ill(expected, inherent, one, other), ill(expected, inherent, other, one));
  }

  private static Row ill(Expected expected, Duration inherent, Ill one, Ill other) {
    return Row.of(
        "of two servers one " + one.name() + ", the other " + other.name(),
        expected,
        inherent,
        scene -> {
          boolean tls = one.isOfTls() || other.isOfTls();
          Pki pki = Pki.of(Sites.NAME, "127.0.0.1");
          FaultyServer first = scene.open(tls ? FaultyServer.startTls(pki) : FaultyServer.start());
          FaultyServer second = scene.open(tls ? FaultyServer.startTls(pki) : FaultyServer.start());
          // One try may end a request, or two at the same server: the other is met by the next.
          scene
              .meetsMoreLater()
              .upstream(
                  first.uri() + "\", \"" + second.uri(),
                  BOTH_TRIED + (tls ? Sites.trusting(scene, pki) : ""))
              .breaks(
                  _ -> {
                    one.fault().accept(first);
                    other.fault().accept(second);
                  },
                  _ -> {
                    first.mend();
                    second.mend();
                  });
        });
  }

  private static List<Row> alike() {
    return List.of(
        Row.of(
                "one of two servers refuses, the other answers",
                Expected.served("blip.recovered"),
                SeveralRows::pair)
            .because("connect-refused"),
        Row.of(
            "nothing listens, and the name's addresses rotate",
            Expected.unsent("server.port-closed", 502, "connection_refused"),
            SeveralRows::rotating));
  }

  /// Both work, then one refuses.
  private static void pair(Scene scene) throws Exception {
    FaultyServer one = scene.open(FaultyServer.start());
    FaultyServer two = scene.open(FaultyServer.start());
    scene
        .upstream(one.uri() + "\", \"" + two.uri(), "balance = round-robin")
        .breaks(_ -> one.fault(new Fault.NothingListens()), _ -> one.mend());
  }

  /// The resolver and the authority give the same addresses, each time in another order.
  private static void rotating(Scene scene) throws Exception {
    FaultyServer server = scene.open(FaultyServer.builder().address("127.0.2.1").start());
    FaultyServer twin =
        scene.open(FaultyServer.builder().address("127.0.2.2").port(server.port()).start());
    Names names = Names.of(scene).at(Names.SHORT, "127.0.2.1", "127.0.2.2");
    scene
        .upstream(server.uriFor(Sites.NAME), "")
        .breaks(
            _ -> {
              names.at(Names.SHORT, "127.0.2.2", "127.0.2.1");
              server.fault(new Fault.NothingListens());
              twin.fault(new Fault.NothingListens());
            },
            _ -> {
              server.mend();
              twin.mend();
            })
        .settles(Names.RUN_OUT);
  }
}
