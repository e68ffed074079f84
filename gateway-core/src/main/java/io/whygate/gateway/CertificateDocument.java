package io.whygate.gateway;

import io.whygate.diagnostics.json.JsonWriter;
import io.whygate.gateway.acme.AcmeCertificates;
import io.whygate.gateway.acme.CertificateStatus;
import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.listener.Listener;
import io.whygate.gateway.ocsp.StapleStatus;
import io.whygate.gateway.upstream.EndpointState;
import io.whygate.gateway.upstream.Upstream;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/// Writes certificates for operators, as JSON.
final class CertificateDocument {
  private static final int DNS_NAME = 2;
  private static final int NAMES = 20;

  private CertificateDocument() {}

  /// Those that the gateway itself shows to clients, and how it stands with those that are had by
  /// ACME.
  static String of(Gateway gateway) {
    JsonWriter json = new JsonWriter().object();
    json.name("certificates").array();
    AcmeCertificates managed = gateway.certificates();
    for (Listener each : gateway.listeners()) {
      for (ListenerSettings.KeyPair pair :
          each.settings().tls().map(ListenerSettings.Tls::certificates).orElse(List.of())) {
        json.object().member("listener", each.settings().name());
        if (managed.isPlaceholder(pair)) {
          json.member("placeholder", true);
        }
        gateway
            .staples()
            .status(pair.chain().getFirst())
            .ifPresent(status -> write(json.name("ocsp"), status));
        write(gateway, json, pair.chain().getFirst());
      }
    }
    json.end().name("upstreams").array();
    for (Upstream upstream : gateway.upstreams()) {
      for (EndpointState state : upstream.endpoints()) {
        state
            .certificate()
            .ifPresent(certificate -> {
              json.object().member("upstream", upstream.name());
              json.member("endpoint", state.endpoint().url());
              write(gateway, json, certificate);
            });
      }
    }
    json.end().name("acme").array();
    managed.status().forEach(each -> write(json, each));
    return json.end().end().toString();
  }

  /// Ends the object.
  private static void write(Gateway gateway, JsonWriter json, X509Certificate certificate) {
    json.member(
        "warnings", gateway.settings().certificateWarnings().due(certificate, Instant.now()));
    write(json, certificate);
    json.end();
  }

  private static void write(JsonWriter json, StapleStatus status) {
    json.object()
        .member("state", status.state().label())
        .member("must_staple", status.mustStaple())
        .member("failures", status.failures());
    status.responder().ifPresent(each -> json.member("responder", each));
    status.thisUpdate().ifPresent(each -> json.member("this_update", each));
    status.nextUpdate().ifPresent(each -> json.member("next_update", each));
    status.next().ifPresent(each -> json.member("next", each));
    status.why().ifPresent(each -> json.member("why", each));
    json.end();
  }

  private static void write(JsonWriter json, CertificateStatus status) {
    json.object()
        .member("name", status.names().getFirst())
        .member("state", status.state())
        .member("authority", status.authority())
        .member("failures", status.failures());
    status
        .certificate()
        .ifPresent(each -> json.member("not_after", each.getNotAfter().toInstant()));
    status.next().ifPresent(each -> json.member("next", each));
    status
        .lastFailure()
        .ifPresent(each ->
            json.name("last_failure")
                .object()
                .member("at", each.at())
                .member("why", each.why())
                .end());
    json.name("names").array();
    status.names().forEach(json::value);
    json.end().end();
  }

  /// What a certificate says, as members of an object.
  static void write(JsonWriter json, X509Certificate certificate) {
    Instant end = certificate.getNotAfter().toInstant();
    json.member("subject", certificate.getSubjectX500Principal().getName())
        .member("issuer", certificate.getIssuerX500Principal().getName())
        .member("not_before", certificate.getNotBefore().toInstant())
        .member("not_after", end)
        .member(
            "days_left",
            Math.floorDiv(end.getEpochSecond() - Instant.now().getEpochSecond(), 86_400L));
    json.name("names").array();
    namesOf(certificate).forEach(json::value);
    json.end();
  }

  static List<String> namesOf(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null
          ? List.of()
          : names.stream()
              .filter(name -> Integer.valueOf(DNS_NAME).equals(name.getFirst()))
              .map(name -> String.valueOf(name.getLast()))
              .limit(NAMES)
              .toList();
    } catch (CertificateParsingException _) {
      return List.of();
    }
  }
}
