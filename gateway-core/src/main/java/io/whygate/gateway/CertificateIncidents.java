package io.whygate.gateway;

import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.incident.IncidentBook;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.CertificateTrouble;
import io.whygate.diagnostics.verdict.Evidence;
import io.whygate.gateway.CertificateWatch.InUse;
import io.whygate.gateway.CertificateWatch.Side;
import io.whygate.gateway.acme.CertificateStatus;
import io.whygate.gateway.config.CertificateWarnings;
import io.whygate.gateway.ocsp.StapleStatus;
import io.whygate.gateway.ocsp.StapleStatus.State;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The incidents of the gateway's own certificates: one that cannot be had by ACME, was revoked, or
/// runs out. Each look compares how it stands with what is open in the book; what is not known yet,
/// such as after a start, is left as it is. For one thread at a time.
final class CertificateIncidents {
  private final Gateway gateway;
  private final Map<Key, CertificateTrouble> found = new LinkedHashMap<>();
  private final Set<Key> undecided = new HashSet<>();

  private record Key(Cause cause, String subject) {}

  CertificateIncidents(Gateway gateway) {
    this.gateway = gateway;
  }

  void look() {
    found.clear();
    undecided.clear();
    Instant now = Instant.now();
    gateway.certificates().status().forEach(this::ordered);
    for (InUse each : CertificateWatch.inUse(gateway)) {
      if (each.side() == Side.DOWNSTREAM) {
        proved(each);
        runsOut(each, now);
      }
    }
    IncidentBook book = gateway.explanations().incidents();
    found.values().forEach(each -> book.noted(each.diagnosed(now)));
    for (Incident open : book.ofOwnCertificates()) {
      Key key = new Key(open.cause(), open.upstream());
      if (!found.containsKey(key) && !undecided.contains(key)) {
        book.recovered(open.id());
      }
    }
  }

  private void ordered(CertificateStatus status) {
    String name = status.names().getFirst();
    if (status.failures() == 0) {
      if (status.next().isEmpty()) {
        undecided(Cause.GATEWAY_CERTIFICATE_NOT_ISSUED, name);
      }
      return;
    }
    String why = status.lastFailure().map(CertificateStatus.Failure::why).orElse("");
    String names = String.join(", ", status.names());
    found(
        Cause.GATEWAY_CERTIFICATE_NOT_ISSUED,
        name,
        status.authority()
            + ": "
            + why
            + status
                .certificate()
                .map(each -> ". The one at hand is valid until " + each.getNotAfter().toInstant())
                .orElse(". There is none at hand: clients see one that nobody signed"),
        Map.of(
            "name",
            name,
            "names",
            names,
            "authority",
            status.authority(),
            "error",
            why,
            "tries",
            Integer.toString(status.failures()),
            "next",
            status.next().map(Instant::toString).orElse("once it is asked")),
        status
            .lastFailure()
            .map(each ->
                new Evidence(
                    "acme", "a certificate for " + names, status.authority(), why, each.at(), 0)));
  }

  /// That it is good is known of one that nobody can be asked about, else by an answer alone.
  private void proved(InUse each) {
    String name = nameOf(each.certificate());
    Optional<StapleStatus> known = gateway.staples().status(each.certificate());
    if (known.filter(status -> status.state() == State.REVOKED).isPresent()) {
      revoked(each, name, known.get());
    } else if (known.filter(status -> status.state() == State.STAPLED).isEmpty()
        && gateway.staples().isAskable(each.certificate())) {
      undecided(Cause.GATEWAY_CERTIFICATE_REVOKED, name);
    }
  }

  private void revoked(InUse each, String name, StapleStatus status) {
    String why = status.why().orElse("revoked");
    String responder = status.responder().orElse("");
    found(
        Cause.GATEWAY_CERTIFICATE_REVOKED,
        name,
        "The OCSP responder says so of the certificate that " + each.place() + " shows",
        Map.of("name", name, "why", why, "responder", responder),
        status
            .thisUpdate()
            .map(at ->
                new Evidence(
                    "ocsp",
                    "whether "
                        + each.certificate().getSubjectX500Principal().getName()
                        + ", number "
                        + each.certificate().getSerialNumber().toString(16)
                        + ", is good",
                    responder,
                    why,
                    at,
                    0)));
  }

  private void runsOut(InUse each, Instant now) {
    CertificateWarnings warnings = gateway.settings().certificateWarnings();
    X509Certificate certificate = each.certificate();
    Instant end = certificate.getNotAfter().toInstant();
    boolean over = !end.isAfter(now);
    int all = warnings.before().size();
    if (!over && (all == 0 || warnings.due(certificate, now) < all)) {
      return;
    }
    String name = nameOf(certificate);
    found(
        Cause.GATEWAY_CERTIFICATE_EXPIRING,
        name,
        over ? "It ran out at " + end + ": clients refuse it" : "It runs out at " + end,
        Map.of("name", name, "listener", each.place(), "not-after", end.toString()),
        Optional.of(
            new Evidence(
                "certificate",
                "until when the certificate "
                    + certificate.getSubjectX500Principal().getName()
                    + " is valid",
                each.place(),
                end.toString(),
                now,
                0)));
  }

  private void found(
      Cause cause,
      String name,
      String because,
      Map<String, String> parameters,
      Optional<Evidence> evidence) {
    CertificateTrouble trouble =
        new CertificateTrouble(
            cause, name, because, parameters, evidence.map(List::of).orElse(List.of()));
    found.putIfAbsent(new Key(cause, trouble.subject()), trouble);
  }

  private void undecided(Cause cause, String name) {
    undecided.add(new Key(cause, CertificateTrouble.subject(name)));
  }

  /// The first of its names, or its subject where it has none.
  private static String nameOf(X509Certificate certificate) {
    return CertificateDocument.namesOf(certificate).stream()
        .findFirst()
        .orElseGet(() -> certificate.getSubjectX500Principal().getName());
  }
}
