package io.whygate.gateway.ocsp;

import java.time.Instant;
import java.util.Optional;

/// A verified answer about one certificate.
///
/// @param response the whole of it, DER, as clients want it; not to be changed
/// @param thisUpdate when the responder knew it
/// @param until when it may be used
/// @param revoked when and why the certificate was revoked; empty where it is good
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record OcspAnswer(byte[] response, Instant thisUpdate, Instant until, Optional<String> revoked) {}
