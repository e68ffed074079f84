package io.whygate.e2e.matrix;

import io.whygate.e2e.lab.OpenSslServer;
import io.whygate.faults.tls.Certificates;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.faults.tls.Pki;
import java.util.List;
import java.util.stream.Stream;

/// Faults of TLS at OpenSSL's own server, which says some of them by other alerts than Java's. It
/// takes one connection at a time and answers nothing but GET, so that it is not mended.
final class OpenSslRows {
  /// All that OpenSSL has, old ones too.
  private static final String ANY = "ALL:@SECLEVEL=0";

  private OpenSslRows() {}

  static List<Row> all() {
    return Stream.concat(
            others().stream(),
            TlsRows.certificates((name, expected, fault) ->
                row(name, expected, (server, pki) -> server.restart(pki.showing(fault))))
                .stream())
        .toList();
  }

  private static List<Row> others() {
    return List.of(
        alert("nothing newer than TLS 1.1", "tls.version-mismatch", "-tls1_1", "-cipher", ANY),
        alert(
            "a suite that the gateway does not speak",
            "tls.cipher-mismatch",
            "-tls1_2",
            "-cipher",
            "ECDHE-ECDSA-CAMELLIA128-SHA256"),
        alert(
            "a client certificate is demanded by TLS 1.3",
            "tls.client-certificate-required",
            "-tls1_3",
            "-Verify",
            "1"),
        alert(
            "a client certificate is demanded by TLS 1.2",
            "tls.client-certificate-required",
            "-tls1_2",
            "-Verify",
            "1"),
        row(
            "the server name is refused",
            Expected.unsent("tls.unrecognized-name", 502, "tls_alert_received"),
            (server, pki) -> {
              String other = server.file("other.pem", pki.server().chainPem());
              String key = server.file("other.key", pki.server().keyPem());
              server.restart(
                  pki.server(),
                  "-servername",
                  "other.lab.test",
                  "-servername_fatal",
                  "-cert2",
                  other,
                  "-key2",
                  key);
            }),
        alert("no protocol in common", "application.protocol-mismatch", "-alpn", "spdy/1"),
        row(
            "the client certificate is another authority's",
            Expected.unsent("tls.client-certificate-required", 502, "tls_alert_received"),
            OpenSslRows::strangeClient,
            (server, pki) ->
                server.restart(
                    pki.server(),
                    "-Verify",
                    "1",
                    "-verify_return_error",
                    "-CAfile",
                    server.file("clients.pem", Certificates.pem(List.of(pki.clientRoot()))))));
  }

  /// How the server goes wrong.
  private interface Change {
    void make(OpenSslServer server, Pki pki) throws Exception;
  }

  /// What the upstream is set to.
  private interface Settings {
    String of(Scene scene, Pki pki) throws Exception;
  }

  private static Row alert(String name, String cause, String... options) {
    return row(
        name,
        Expected.unsent(cause, 502, "tls_alert_received"),
        (server, pki) -> server.restart(pki.server(), options));
  }

  private static Row row(String name, Expected expected, Change change) {
    return row(name, expected, Sites::trusting, change);
  }

  private static Row row(String name, Expected expected, Settings settings, Change change) {
    return Row.of(
        "OpenSSL: " + name,
        expected,
        scene -> {
          Pki pki = Pki.of(Sites.NAME, "127.0.0.1");
          OpenSslServer server = OpenSslServer.showing(pki.server());
          scene.open(server::close);
          scene
              .upstream(server.uri(), settings.of(scene, pki))
              .breaks(_ -> change.make(server, pki), _ -> {})
              .staysBroken();
        });
  }

  private static String strangeClient(Scene scene, Pki pki) throws Exception {
    KeyedCertificate stranger = Pki.of(Sites.NAME).newClient("stranger");
    return TlsRows.showing(scene, pki, stranger);
  }
}
