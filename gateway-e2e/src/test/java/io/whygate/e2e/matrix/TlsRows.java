package io.whygate.e2e.matrix;

import io.whygate.e2e.lab.Folder;
import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.http.Response;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.faults.tls.Pki;
import io.whygate.faults.tls.TlsFault;
import java.net.URI;
import java.util.List;
import java.util.stream.Stream;

/// Faults of TLS between the gateway and the server.
final class TlsRows {
  private TlsRows() {}

  /// How a server comes to show a certificate, in a row that expects a cause.
  interface Shown {
    Row row(String name, Expected expected, TlsFault.BadCertificate fault);
  }

  /// What is wrong with a certificate, whatever server shows it.
  static List<Row> certificates(Shown shown) {
    return List.of(
        certificate(shown, "the leaf ran out", "tls.certificate-expired", new TlsFault.Expired()),
        certificate(
            shown,
            "the intermediate ran out",
            "tls.certificate-expired",
            new TlsFault.ExpiredIntermediate()),
        certificate(
            shown,
            "the leaf is not valid yet",
            "tls.certificate-not-yet-valid",
            new TlsFault.NotYetValid()),
        certificate(
            shown, "the leaf is another site's", "tls.name-mismatch", new TlsFault.WrongName()),
        certificate(
            shown, "the leaf is its own issuer", "tls.self-signed", new TlsFault.SelfSigned()),
        certificate(
            shown,
            "a root that nobody trusts",
            "tls.untrusted-issuer",
            new TlsFault.UntrustedIssuer()),
        certificate(
            shown,
            "the intermediate is no longer sent",
            "tls.incomplete-chain",
            new TlsFault.IncompleteChain()));
  }

  private static Row certificate(
      Shown shown, String name, String cause, TlsFault.BadCertificate fault) {
    return shown.row(name, Expected.unsent(cause, 502, "tls_certificate_error"), fault);
  }

  private static Row alert(String name, int number, String cause) {
    return Row.of(
        name,
        Expected.unsent(cause, 502, "tls_alert_received"),
        Sites.tls(new TlsFault.Alert(number)));
  }

  static List<Row> all() {
    return Stream.concat(
            certificates((name, expected, fault) -> Row.of(name, expected, Sites.tls(fault)))
                .stream(),
            others().stream())
        .toList();
  }

  private static List<Row> others() {
    return List.of(
        Row.of(
            "the intermediate was never sent, the leaf says where it is",
            Expected.unsent("tls.incomplete-chain", 502, "tls_certificate_error"),
            TlsRows::issuerElsewhere),
        Row.of(
            "nothing newer than TLS 1.1",
            Expected.unsent("tls.version-mismatch", 502, "tls_protocol_error"),
            Sites.tls(new TlsFault.OldVersionOnly("TLSv1.1"))),
        Row.of(
            "alert 70",
            Expected.unsent("tls.version-mismatch", 502, "tls_alert_received"),
            Sites.tls(TlsFault.Alert.PROTOCOL_VERSION)),
        Row.of(
            "a suite that the gateway does not speak",
            Expected.unsent("tls.cipher-mismatch", 502, "tls_alert_received"),
            Sites.tls(new TlsFault.CiphersOnly(List.of("TLS_DHE_RSA_WITH_AES_128_CBC_SHA256")))),
        Row.of(
            "alert 40 to everybody",
            Expected.unsent("tls.cipher-mismatch", 502, "tls_alert_received"),
            Sites.tls(TlsFault.Alert.HANDSHAKE_FAILURE)),
        Row.of(
            "the server name is refused",
            Expected.unsent("tls.unrecognized-name", 502, "tls_alert_received"),
            Sites.tls(new TlsFault.UnrecognizedName())),
        Row.of(
            "a client certificate is demanded",
            Expected.unsent("tls.client-certificate-required", 502, "tls_alert_received"),
            Sites.tls(new TlsFault.ClientCertificateRequired())),
        Row.of(
            "the client certificate is another authority's",
            Expected.unsent("tls.client-certificate-required", 502, "tls_alert_received"),
            TlsRows::strangeClient),
        Row.of(
            "the client certificate is taken, one path closes",
            Expected.page("application.path-failure", 502, "connection_terminated", "unknown"),
            TlsRows::knownClient),
        Row.of(
            "silence after the greeting",
            Expected.unsent("tls.handshake-timeout", 504, "connection_timeout"),
            Scene.CONNECT,
            Sites.tls(new TlsFault.HandshakeSilence())),
        Row.of(
            "plain HTTP on the TLS port",
            Expected.unsent("tls.plaintext-upstream", 502, "tls_protocol_error"),
            Sites.tls(new TlsFault.PlainHttp())),
        alert("alert 10: an unexpected message", 10, "unknown"),
        alert("alert 20: a broken record", 20, "unknown"),
        alert("alert 42: a bad certificate, though none was wanted", 42, "unknown"),
        alert("alert 47: an illegal parameter", 47, "unknown"),
        alert("alert 50: an alert that tells nothing", 50, "unknown"),
        alert("alert 71: not secure enough", 71, "tls.cipher-mismatch"),
        alert("alert 80: something broke inside", 80, "unknown"),
        alert("alert 112 to everybody", 112, "tls.unrecognized-name"),
        alert("alert 116: a certificate is required", 116, "tls.client-certificate-required"),
        alert("alert 120: no protocol in common", 120, "application.protocol-mismatch"),
        Row.of(
            "nothing newer than TLS 1.0",
            Expected.unsent("tls.version-mismatch", 502, "tls_protocol_error"),
            Sites.tls(new TlsFault.OldVersionOnly("TLSv1"))),
        Row.of(
            "closes after the greeting",
            Expected.unsent("unknown", 502, "connection_terminated"),
            Sites.tls(new TlsFault.HandshakeClose())),
        Row.of(
            "neither TLS nor HTTP on the TLS port",
            Expected.unsent("application.not-http", 502, "tls_protocol_error"),
            TlsRows::anotherServer),
        Row.of(
            "TLS on the plain port",
            Expected.unsent("tls.required", 502, "http_protocol_error"),
            TlsRows::encrypted),
        Row.of(
            "nginx's 400 to plain HTTP on a TLS port",
            Expected.unsent("tls.required", 502, "http_protocol_error"),
            Sites.plain(new Fault.TlsRequired400())),
        Row.of(
            "an alert to plain HTTP",
            Expected.unsent("tls.required", 502, "http_protocol_error"),
            Sites.plain(new Fault.TlsAlert())));
  }

  private static void strangeClient(Scene scene) throws Exception {
    Pki pki = Pki.of(Sites.NAME, "127.0.0.1");
    FaultyServer server = scene.open(FaultyServer.startTls(pki));
    scene
        .upstream(server.uri(), showing(scene, pki, Pki.of(Sites.NAME).newClient("stranger")))
        .breaks(_ -> server.tlsFault(new TlsFault.ClientCertificateRequired()), _ -> server.mend());
  }

  /// Light requests have to show the certificate too.
  private static void knownClient(Scene scene) throws Exception {
    Pki pki = Pki.of(Sites.NAME, "127.0.0.1");
    FaultyServer server = scene.open(FaultyServer.startTls(pki));
    server.tlsFault(new TlsFault.ClientCertificateRequired());
    scene
        .upstream(server.uri(), showing(scene, pki, pki.newClient("gateway")))
        .asks("GET", Sites.SICK)
        .breaks(
            _ -> server.fault(new Fault.PathFailure(Sites.SICK, new Fault.CloseBeforeResponse())),
            _ -> {
              server.mend();
              server.tlsFault(new TlsFault.ClientCertificateRequired());
            });
  }

  /// The settings of an upstream to which the gateway shows a certificate.
  static String showing(Scene scene, Pki pki, KeyedCertificate client) throws Exception {
    Folder folder = Folder.create("client");
    scene.open(folder::close);
    KeyedCertificate.PemFiles files = client.writeTo(folder.path(), "client");
    return Sites.trusting(scene, pki)
        + ", tls { client-certificate = \"%s\", client-key = \"%s\" }"
            .formatted(files.chain(), files.key());
  }

  /// A mail server on a port that is configured as https.
  private static void anotherServer(Scene scene) throws Exception {
    FaultyServer server = scene.open(FaultyServer.start());
    server.fault(new Fault.BinaryProtocol(Fault.Greeting.SMTP));
    scene.neverWorked().staysBroken().upstream("https://127.0.0.1:" + server.port(), "");
  }

  private static void encrypted(Scene scene) throws Exception {
    FaultyServer server = scene.open(FaultyServer.builder().tlsLater(Pki.of(Sites.NAME)).start());
    scene.upstream(server.uri(), "").breaks(_ -> server.encrypted(true), _ -> server.mend());
  }

  private static void issuerElsewhere(Scene scene) throws Exception {
    FaultyServer library = scene.open(FaultyServer.start());
    Pki pki =
        Pki.of(Sites.NAME, "127.0.0.1")
            .withIssuerAt(URI.create("http://127.0.0.1:" + library.port() + "/issuer.der"));
    byte[] issuer = pki.intermediate().der();
    library.site(_ -> Response.of(200, "application/pkix-cert", issuer));
    FaultyServer server = scene.open(FaultyServer.startTls(pki));
    server.tlsFault(new TlsFault.IncompleteChain());
    scene
        .neverWorked()
        .upstream(server.uri(), Sites.trusting(scene, pki))
        .breaks(_ -> {}, _ -> server.mend());
  }
}
