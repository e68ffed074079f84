package io.whygate.gateway.ocsp;

import java.io.Serial;

/// An answer of a responder that proves nothing; its message says why, for operators.
final class OcspException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  OcspException(String why) {
    super(why);
  }
}
