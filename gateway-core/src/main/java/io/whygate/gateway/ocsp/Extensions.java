package io.whygate.gateway.ocsp;

import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/// What certificates say of OCSP, looked for without the library that reads them: most say nothing.
final class Extensions {
  private static final String AUTHORITY_INFORMATION_ACCESS = "1.3.6.1.5.5.7.1.1";
  private static final String TLS_FEATURE = "1.3.6.1.5.5.7.1.24";

  /// The way of access that is OCSP (RFC 5280 section 4.2.2.1), as DER.
  private static final byte[] OCSP = {6, 8, 43, 6, 1, 5, 5, 7, 48, 1};

  /// The number of the extension `status_request`, as a DER integer.
  private static final byte[] STATUS_REQUEST = {2, 1, 5};

  private Extensions() {}

  /// Whether the certificate names a responder.
  static boolean hasResponder(X509Certificate certificate) {
    return contains(certificate.getExtensionValue(AUTHORITY_INFORMATION_ACCESS), OCSP);
  }

  /// Whether clients are to refuse it without a staple (RFC 7633).
  static boolean mustStaple(X509Certificate certificate) {
    return contains(certificate.getExtensionValue(TLS_FEATURE), STATUS_REQUEST);
  }

  private static boolean contains(byte @Nullable [] value, byte[] wanted) {
    if (value == null) {
      return false;
    }
    for (int at = 0; at <= value.length - wanted.length; at++) {
      if (startsAt(value, at, wanted)) {
        return true;
      }
    }
    return false;
  }

  private static boolean startsAt(byte[] value, int at, byte[] wanted) {
    for (int i = 0; i < wanted.length; i++) {
      if (value[at + i] != wanted[i]) {
        return false;
      }
    }
    return true;
  }
}
