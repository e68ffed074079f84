package io.whygate.gateway.acme;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// How it stands with a certificate that is had by ACME.
///
/// @param names that it is wanted for
/// @param authority the host of who signs it
/// @param certificate the one in use
/// @param next when it is asked for, or asked for again; empty while that is under way
/// @param failures since it last worked
/// @param lastFailure the latest of them
public record CertificateStatus(
    List<String> names,
    String authority,
    Optional<X509Certificate> certificate,
    Optional<Instant> next,
    int failures,
    Optional<Failure> lastFailure) {
  public CertificateStatus {
    names = List.copyOf(names);
  }

  /// A failure.
  public record Failure(Instant at, String why) {}

  /// One word for it.
  public String state() {
    if (failures > 0) {
      return "failing";
    }
    return certificate.isEmpty() ? "pending" : "valid";
  }
}
