package io.whygate.gateway.listener.http3;

import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.faults.tls.Pki;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Certificates for a listener, in files, and clients that trust them.
record TestSite(Pki pki, String tls) {

  static TestSite make() throws IOException {
    return make(Pki.of("localhost"), "");
  }

  /// @param more settings of TLS
  static TestSite make(Pki pki, String more) throws IOException {
    Path folder = Files.createTempDirectory("test-site");
    KeyedCertificate.PemFiles files = pki.server().writeTo(folder, "site");
    return new TestSite(
        pki,
        "tls { certificates = [ { certificate = \"%s\", key = \"%s\" } ] %s }"
            .formatted(files.chain(), files.key(), more));
  }

  /// The settings of a listener that speaks HTTP/3.
  ///
  /// @param more of them
  String listener(String more) {
    return tls + ", http3 { enabled = true }" + (more.isEmpty() ? "" : ", " + more);
  }

  H3Client.Setup client() {
    return new H3Client.Setup().trusting(pki.root());
  }
}
