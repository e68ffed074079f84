package io.whygate.gateway.connection.tls;

import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/// A server's certificate chain was not accepted; carries the chain.
public final class CertificateRejected extends CertificateException {
  private static final long serialVersionUID = 1;

  private final transient List<byte[]> chain;

  CertificateRejected(X509Certificate[] chain, CertificateException cause) {
    super(cause.getMessage(), cause);
    List<byte[]> encoded = new ArrayList<>();
    for (X509Certificate each : chain) {
      try {
        encoded.add(each.getEncoded());
      } catch (CertificateEncodingException _) {
        break;
      }
    }
    this.chain = List.copyOf(encoded);
  }

  /// The chain, leaf first, each in DER.
  public List<byte[]> chain() {
    return chain;
  }
}
