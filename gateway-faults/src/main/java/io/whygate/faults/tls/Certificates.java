package io.whygate.faults.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/// The maker of certificates: authorities, intermediates and leaves with any validity, names and
/// key, plus the forms that servers and clients want them in.
///
/// ```java
/// var root = Certificates.authority("Test Root").selfSigned();
/// var leaf = Certificates.leaf("shop.test").dns("shop.test").issuedBy(root);
/// ```
public final class Certificates {
  private Certificates() {}

  /// A draft of an authority's certificate, valid from yesterday for ten years.
  public static CertificateDraft authority(String commonName) {
    return CertificateDraft.authority(commonName);
  }

  /// A draft of a server's (and client's) certificate, valid from an hour ago for 90 days.
  public static CertificateDraft leaf(String commonName) {
    return CertificateDraft.leaf(commonName);
  }

  /// A client-side context that trusts these certificates and nothing else, with no identity.
  public static SSLContext trusting(X509Certificate... trusted) {
    return context(null, List.of(trusted));
  }

  /// The PEM form of certificates, in the given order.
  public static String pem(Collection<X509Certificate> certificates) {
    var text = new StringBuilder();
    for (X509Certificate certificate : certificates) {
      text.append(pemBlock("CERTIFICATE", encoded(certificate)));
    }
    return text.toString();
  }

  /// Writes certificates as a PEM file, for instance for `trusted-certificates`.
  public static Path writePem(Path file, X509Certificate... certificates) throws IOException {
    return Files.writeString(file, pem(List.of(certificates)), StandardCharsets.US_ASCII);
  }

  /// A context that shows an identity (none when null) and trusts these certificates.
  static SSLContext context(
      @Nullable KeyedCertificate identity, Collection<X509Certificate> trusted) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(identity == null ? null : identity.keyManagers(), trustManagers(trusted), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("certificates: rejected by the JDK", e);
    }
  }

  static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException e) {
      throw new AssertionError("a parsed certificate has an encoding", e);
    }
  }

  static String pemBlock(String label, byte[] der) {
    String body =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(der);
    return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
  }

  private static TrustManager[] trustManagers(Collection<X509Certificate> trusted)
      throws GeneralSecurityException {
    KeyStore store = KeyStores.empty();
    int number = 0;
    for (X509Certificate certificate : trusted) {
      store.setCertificateEntry("trusted-" + number++, certificate);
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(store);
    return factory.getTrustManagers();
  }
}
