package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.whygate.e2e.lab.Await;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.LabProcess;
import io.whygate.e2e.lab.Place;
import io.whygate.faults.FaultyServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// OCSP stapling with an authority and a responder of OpenSSL's, as OpenSSL's and curl's clients
/// see it.
@Needs("openssl")
class OcspStaplingTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String STAPLED = "OCSP Response Status: successful";
  private static final String NOTHING = "OCSP response: no response sent";

  private final int responderPort = Place.HERE.freePort();
  private final int port = Place.HERE.freePort();
  private Folder folder;
  private FaultyServer server;
  private LabProcess responder;
  private GatewayProcess gateway;

  @BeforeEach
  void makeAuthority() throws Exception {
    folder = Folder.create("ocsp");
    server = FaultyServer.start();
    folder.write("index.txt", "");
    folder.write("index.txt.attr", "unique_subject = no\n");
    folder.write("serial", "1001\n");
    folder.write(
        "openssl.cnf",
        """
        [ca]
        default_ca = one
        [one]
        dir = .
        database = index.txt
        serial = serial
        new_certs_dir = .
        certificate = ca.pem
        private_key = ca.key
        default_md = sha256
        policy = any
        copy_extensions = copy
        [any]
        commonName = supplied
        [req]
        distinguished_name = name
        [name]
        [authority]
        basicConstraints = critical, CA:true
        keyUsage = critical, keyCertSign, cRLSign
        subjectKeyIdentifier = hash
        [site]
        authorityInfoAccess = OCSP;URI:http://127.0.0.1:%1$d
        [strict]
        authorityInfoAccess = OCSP;URI:http://127.0.0.1:%1$d
        tlsfeature = status_request
        [plain]
        keyUsage = digitalSignature
        [delegate]
        extendedKeyUsage = OCSPSigning
        """
            .formatted(responderPort));
    run(
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 30 -subj '/CN=Test authority'"
            + " -config openssl.cnf -extensions authority");
  }

  @AfterEach
  void stop() throws Exception {
    if (gateway != null) {
      gateway.close();
    }
    if (responder != null) {
      responder.close();
    }
    server.close();
    folder.close();
  }

  private String run(String command) {
    return LabProcess.run(Place.HERE, folder.path(), "sh", "-c", command + " 2>&1");
  }

  /// Has the authority sign a certificate for this name.
  private void issue(String file, String name, String extensions, String key) {
    run(
        "openssl req -newkey %s -nodes -keyout %s.key -out %s.csr -subj '/CN=%s' -addext 'subjectAltName=DNS:%s' -config openssl.cnf"
            .formatted(key, file, file, name, name));
    run(
        "openssl ca -config openssl.cnf -batch -notext -in %s.csr -out %s.leaf -days 20 -extensions %s"
            .formatted(file, file, extensions));
    run("cat %s.leaf ca.pem > %s.pem".formatted(file, file));
  }

  /// Puts the files of a certificate in the place of another's.
  private void replace(String file, String by) throws IOException {
    for (String ending : List.of(".pem", ".key")) {
      Files.move(
          folder.path().resolve(by + ending),
          folder.path().resolve(file + ending),
          StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private void respond(String signer, String... more) {
    List<String> command = new ArrayList<>(List.of("openssl", "ocsp", "-index", "index.txt"));
    command.addAll(List.of("-port", String.valueOf(responderPort), "-CA", "ca.pem"));
    command.addAll(List.of("-rsigner", signer + ".pem", "-rkey", signer + ".key"));
    command.addAll(List.of(more));
    responder =
        LabProcess.start(Place.HERE, folder.path(), command.toArray(String[]::new))
            // A connection that asks nothing would make it wait for ever.
            .awaitOutput("waiting for OCSP client connections");
  }

  private String settings(String... files) {
    List<String> pairs = new ArrayList<>();
    for (String file : files) {
      pairs.add(
          "{ certificate = \"%1$s/%2$s.pem\", key = \"%1$s/%2$s.key\" }"
              .formatted(folder.path(), file));
    }
    return """
    listeners += { bind = "127.0.0.1:%d", tls { certificates = [ %s ] } }
    certificate-warnings.before = [400d]
    ocsp-stapling { back-off = 200ms, longest-back-off = 500ms }
    state.directory = "%s/state"
    """
            .formatted(port, String.join(", ", pairs), folder.path())
        + GatewayProcess.oneSite(server.uri(), "");
  }

  private void start(String... files) {
    gateway = GatewayProcess.start(settings(files));
  }

  /// What OpenSSL's client prints of a handshake in which it asks for a staple.
  private String connect(String name, String... options) {
    return run(
        "openssl s_client -connect 127.0.0.1:%d -servername %s -CAfile ca.pem -status %s </dev/null"
            .formatted(port, name, String.join(" ", options)));
  }

  private JsonObject shown(int index) throws Exception {
    JsonArray all =
        JsonParser.parseString(gateway.admin("/api/certificates").body())
            .getAsJsonObject()
            .getAsJsonArray("certificates");
    return all.get(index).getAsJsonObject();
  }

  private void awaitState(int index, String state) {
    Await.until(
        "a staple that is " + state,
        PATIENCE,
        () -> shown(index).getAsJsonObject("ocsp").get("state").getAsString().equals(state));
  }

  private int curl(String name) {
    try (LabProcess curl =
        LabProcess.start(
            Place.HERE,
            folder.path(),
            "sh",
            "-c",
            "curl -sv --cert-status --cacert ca.pem --resolve %1$s:%2$d:127.0.0.1 https://%1$s:%2$d/ 2>&1"
                .formatted(name, port))) {
      return curl.awaitExit(Duration.ofSeconds(20));
    }
  }

  @Test
  @Needs("curl")
  void eachNameHasTheStapleOfItsCertificate() throws Exception {
    issue("one", "one.test", "site", "rsa:2048");
    issue("curve", "one.test", "site", "ec -pkeyopt ec_paramgen_curve:P-256");
    issue("two", "two.test", "strict", "rsa:2048");
    issue("plain", "plain.test", "plain", "rsa:2048");
    issue("delegate", "responder", "delegate", "rsa:2048");
    respond("delegate", "-ndays", "3");
    start("one", "curve", "two", "plain");
    for (int i = 0; i < 3; i++) {
      awaitState(i, "stapled");
    }
    assertThat(shown(2).getAsJsonObject("ocsp").get("must_staple").getAsBoolean()).isTrue();
    assertThat(shown(3).has("ocsp")).isFalse();
    for (String version : List.of("-tls1_2", "-tls1_3")) {
      assertThat(connect("one.test", version))
          .contains(STAPLED)
          .contains("Cert Status: good")
          .contains("Serial Number: 1002")
          .contains("Verify return code: 0 (ok)");
      assertThat(connect("two.test", version)).contains(STAPLED).contains("Serial Number: 1003");
      assertThat(connect("plain.test", version)).contains(NOTHING);
    }
    assertThat(connect("one.test", "-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"))
        .contains(STAPLED)
        .contains("Serial Number: 1001");
    assertThat(
            run(
                "openssl s_client -connect 127.0.0.1:%d -servername one.test -msg </dev/null"
                    .formatted(port)))
        .doesNotContain("CertificateStatus");
    assertThat(curl("one.test")).isZero();
    assertThat(curl("two.test")).isZero();
    assertThat(curl("plain.test")).isEqualTo(91);
    String metrics = gateway.admin("/metrics").body();
    assertThat(metrics)
        .contains("whygate_ocsp_requests_total{result=\"good\"} 3.0")
        .contains(
            "whygate_tls_ocsp_staple_expiry_seconds{name=\"127.0.0.1:%d/0\"} 25".formatted(port));
  }

  @Test
  void theStapleFollowsACertificateThatIsReplaced() throws Exception {
    issue("one", "one.test", "site", "rsa:2048");
    issue("next", "one.test", "site", "rsa:2048");
    respond("ca", "-ndays", "3");
    start("one");
    awaitState(0, "stapled");
    assertThat(connect("one.test")).contains(STAPLED).contains("Serial Number: 1001");
    replace("one", "next");
    Await.until(
        "the staple of the next certificate",
        PATIENCE,
        () -> {
          String said = connect("one.test");
          return said.contains(STAPLED) && said.contains("Serial Number: 1002");
        });
  }

  @Test
  void aResponderThatIsDownIsAskedAgain() throws Exception {
    issue("one", "one.test", "strict", "rsa:2048");
    start("one");
    awaitState(0, "failed");
    assertThat(connect("one.test")).contains(NOTHING);
    assertThat(gateway.output()).contains("clients refuse the certificate meanwhile");
    respond("ca", "-ndays", "3");
    awaitState(0, "stapled");
    assertThat(connect("one.test")).contains(STAPLED);

    gateway.close();
    responder.close();
    start("one");
    awaitState(0, "stapled");
    assertThat(connect("one.test")).contains(STAPLED);
  }

  @Test
  void whatTheAuthorityRevokedIsNotVouchedFor() throws Exception {
    issue("one", "one.test", "site", "rsa:2048");
    run("openssl ca -config openssl.cnf -revoke one.leaf -crl_reason keyCompromise");
    respond("ca", "-ndays", "3");
    start("one");
    awaitState(0, "revoked");
    assertThat(connect("one.test")).contains(NOTHING);
    assertThat(shown(0).getAsJsonObject("ocsp").get("why").getAsString()).contains("keyCompromise");
    assertThat(gateway.output()).contains("replace it, clients will refuse it");
    assertThat(gateway.admin("/metrics").body())
        .contains("whygate_ocsp_requests_total{result=\"revoked\"} 1.0");
    // An incident, until it is replaced. It also runs out, by what these settings take for late.
    List<String> causes = List.of("gateway.certificate-expiring", "gateway.certificate-revoked");
    for (String cause : causes) {
      Await.until(cause, PATIENCE, () -> states(cause).equals(List.of("open")));
    }
    assertThat(gateway.admin("/api/incidents").body())
        .contains("\"upstream\":\"certificate:one.test\"")
        .contains("keyCompromise");
    issue("next", "one.test", "plain", "rsa:2048");
    replace("one", "next");
    Await.until("its end", PATIENCE, () -> states(causes.getLast()).equals(List.of("recovered")));
    assertThat(states(causes.getFirst())).isEqualTo(List.of("open"));
  }

  private List<String> states(String cause) throws Exception {
    return JsonParser.parseString(gateway.admin("/api/incidents?cause=" + cause).body())
        .getAsJsonObject()
        .getAsJsonArray("incidents")
        .asList()
        .stream()
        .map(each -> each.getAsJsonObject().get("state").getAsString())
        .toList();
  }

  @Test
  void answersThatProveNothingAreNotStapled() throws Exception {
    issue("one", "one.test", "site", "rsa:2048");
    issue("strange", "responder", "plain", "rsa:2048");
    respond("strange", "-ndays", "3");
    start("one");
    awaitState(0, "failed");
    assertThat(shown(0).getAsJsonObject("ocsp").get("why").getAsString())
        .contains("may not sign answers");
    assertThat(connect("one.test")).contains(NOTHING);

    responder.close();
    folder.write("index.txt", "");
    respond("ca", "-ndays", "3");
    Await.until(
        "a responder that does not know it",
        PATIENCE,
        () -> shown(0).getAsJsonObject("ocsp").get("why").getAsString().contains("does not know"));
    assertThat(connect("one.test")).contains(NOTHING);
  }
}
