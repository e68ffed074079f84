package io.whygate.e2e.matrix;

import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.dns.DnsFault;
import io.whygate.faults.http.Response;
import io.whygate.faults.tls.Pki;
import io.whygate.faults.tls.TlsFault;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;

/// Faults that look like others of the matrix, and are something else: the second of a [Pair].
final class LookAlikeRows {
  private static final Duration THREE_DAYS = Duration.ofDays(3);

  private LookAlikeRows() {}

  static List<Row> all() {
    return List.of(
        Row.of(
            "nothing listens, and the name still says this address",
            Expected.unsent("server.port-closed", 502, "connection_refused"),
            scene -> {
              FaultyServer server = scene.open(FaultyServer.builder().address("127.0.2.1").start());
              Names.of(scene).at(Names.LONG, "127.0.2.1");
              scene
                  .upstream(server.uriFor(Sites.NAME), "")
                  .breaks(_ -> server.fault(new Fault.NothingListens()), _ -> server.mend());
            }),
        Row.of(
            "another site's certificate at the address that the name says",
            Expected.unsent("tls.name-mismatch", 502, "tls_certificate_error"),
            scene -> {
              Pki pki = Pki.of(Sites.NAME);
              FaultyServer server =
                  scene.open(FaultyServer.builder().address("127.0.2.1").tls(pki).start());
              Names.of(scene).at(Names.LONG, "127.0.2.1");
              scene
                  .upstream(server.uriFor(Sites.NAME), Sites.trusting(scene, pki))
                  .breaks(_ -> server.tlsFault(new TlsFault.WrongName()), _ -> server.mend());
            }),
        Row.of(
            "the zone's name servers are silent",
            Expected.unsent("dns.server-failure", 502, "dns_error"),
            scene -> {
              FaultyServer server = scene.open(FaultyServer.builder().address("127.0.2.1").start());
              Names names = Names.of(scene).at(Names.SHORT, "127.0.2.1");
              names.authority.fault(new DnsFault.Silence());
              names.resolver.fault(Sites.NAME, DnsFault.Fails.SERVFAIL);
              scene
                  .neverWorked()
                  .upstream(server.uriFor(Sites.NAME), "")
                  .breaks(
                      _ -> {},
                      _ -> {
                        names.authority.mend();
                        names.resolver.mend();
                        names.at(Names.SHORT, "127.0.2.1");
                      });
            }),
        Row.of(
            "the leaf ran out by the gateway's clock alone",
            Expected.unsent("gateway.clock-skew", 502, "tls_certificate_error"),
            LookAlikeRows::anotherTime),
        Row.of(
            "the leaf ran out by the gateway's clock, and three other servers say so too",
            Expected.unsent("gateway.clock-skew", 502, "tls_certificate_error"),
            scene -> witnesses(scene, new TlsFault.Expired(), THREE_DAYS)),
        Row.of(
            "the leaf is not valid yet by the gateway's clock, and three other servers say so too",
            Expected.unsent("gateway.clock-skew", 502, "tls_certificate_error"),
            scene -> witnesses(scene, new TlsFault.NotYetValid(), THREE_DAYS.negated())),
        Row.of(
            "the leaf ran out, and only the server itself thinks that it is an earlier day",
            Expected.unsent("tls.certificate-expired", 502, "tls_certificate_error"),
            scene -> witnesses(scene, new TlsFault.Expired(), Duration.ZERO)));
  }

  /// The server's clock says a day on which its certificate was good; three other servers have been
  /// heard before.
  ///
  /// @param behind how far their clocks lie behind the gateway's
  private static void witnesses(Scene scene, TlsFault.BadCertificate fault, Duration behind)
      throws Exception {
    Pki pki = Pki.of(Sites.NAME, "127.0.0.1");
    FaultyServer server = scene.open(FaultyServer.startTls(pki));
    Duration own = behind.isZero() ? THREE_DAYS : behind;
    server.site(_ -> Response.text(200, "ok\n").with("Date", dateAgo(own)));
    StringBuilder others = new StringBuilder();
    StringBuilder routes = new StringBuilder();
    for (int i = 0; i < 3; i++) {
      FaultyServer other = scene.open(FaultyServer.start());
      other.site(_ -> Response.text(200, "ok\n").with("Date", dateAgo(behind)));
      others.append("other%d { endpoints = [\"%s\"] }\n".formatted(i, other.uri()));
      routes.append("{ path = \"/other%d\", upstream = other%d }\n".formatted(i, i));
    }
    scene
        .settings(
            """
            upstreams {
              site {
                endpoints = ["%s"], %s
                circuit-breaker.consecutive-failures = 0, outlier.consecutive-failures = 0
              }
            %s }
            routes = [
            %s { upstream = site } ]
            """
                .formatted(server.uri(), Sites.trusting(scene, pki), others, routes))
        .breaks(
            gateway -> {
              for (int i = 0; i < 3; i++) {
                Client.get(gateway.uri(), "/other" + i);
              }
              server.tlsFault(fault);
            },
            _ -> server.mend());
  }

  /// The server's clock says a day on which its certificate was good.
  private static void anotherTime(Scene scene) throws Exception {
    Pki pki = Pki.of(Sites.NAME, "127.0.0.1");
    FaultyServer server = scene.open(FaultyServer.startTls(pki));
    server.site(_ -> Response.text(200, "ok\n").with("Date", dateAgo(THREE_DAYS)));
    scene
        .upstream(server.uri(), Sites.trusting(scene, pki))
        .breaks(_ -> server.tlsFault(new TlsFault.Expired()), _ -> server.mend());
  }

  private static String dateAgo(Duration ago) {
    return DateTimeFormatter.RFC_1123_DATE_TIME.format(
        ZonedDateTime.now(ZoneOffset.UTC).minus(ago));
  }
}
