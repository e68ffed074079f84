package io.whygate.gateway.exchange;

import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/// What the next hop is told of a client's certificate: Client-Cert, and Client-Cert-Chain where
/// the client showed more than its own (RFC 9440 sections 2.2 and 2.3).
final class ClientCertificate {
  private ClientCertificate() {}

  /// Whole field lines, each ending in CRLF; none where there is no certificate.
  static byte[] fields(List<X509Certificate> certificates) {
    if (certificates.isEmpty()) {
      return new byte[0];
    }
    String fields = "Client-Cert: " + item(certificates.getFirst()) + "\r\n";
    List<X509Certificate> chain = certificates.subList(1, certificates.size());
    if (!chain.isEmpty()) {
      fields +=
          "Client-Cert-Chain: "
              + chain.stream().map(ClientCertificate::item).collect(Collectors.joining(", "))
              + "\r\n";
    }
    return fields.getBytes(StandardCharsets.US_ASCII);
  }

  /// A byte sequence (RFC 8941 section 3.3.5).
  private static String item(X509Certificate certificate) {
    try {
      return ":" + Base64.getEncoder().encodeToString(certificate.getEncoded()) + ":";
    } catch (CertificateEncodingException e) {
      throw new IllegalArgumentException("a certificate that was verified cannot be encoded", e);
    }
  }
}
