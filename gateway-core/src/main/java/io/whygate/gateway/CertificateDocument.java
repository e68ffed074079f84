package io.whygate.gateway;

import io.whygate.diagnostics.json.JsonWriter;
import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.listener.Listener;
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

  /// Those that the gateway itself shows to clients.
  static String of(Collection<Listener> listeners) {
    JsonWriter json = new JsonWriter().object();
    json.name("certificates").array();
    for (Listener each : listeners) {
      for (ListenerSettings.KeyPair pair :
          each.settings().tls().map(ListenerSettings.Tls::certificates).orElse(List.of())) {
        json.object().member("listener", each.settings().name());
        write(json, pair.chain().getFirst());
        json.end();
      }
    }
    return json.end().end().toString();
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

  private static List<String> namesOf(X509Certificate certificate) {
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
