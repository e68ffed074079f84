package io.whygate.diagnostics.page;

import io.whygate.diagnostics.facts.AttemptFailure.TlsRejected;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.facts.WireFacts;
import io.whygate.diagnostics.incident.RedactedSpot;
import io.whygate.diagnostics.json.JsonWriter;
import io.whygate.diagnostics.redaction.Redaction;
import java.io.ByteArrayInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;

/// Writes what the wire showed of an attempt, for operators, as members of a JSON object: the ends
/// of its phases, its bytes with the offending one marked, the certificates.
public final class WireMembers {
  private WireMembers() {}

  public static void write(JsonWriter json, FailedAttempt attempt) {
    if (!attempt.wire().spoken().isEmpty()) {
      json.member("protocol", attempt.wire().spoken());
    }
    json.member("bytes_sent", attempt.bytesSent())
        .member("bytes_received", attempt.bytesReceived());
    attempt.wire().icmp().ifPresent(icmp -> json.member("icmp", icmp.describe()));
    moments(json, attempt.timeline());
    if (!attempt.firstBytes().isEmpty()) {
      json.member("first_bytes", Redaction.head(attempt.firstBytes()));
    }
    WireFacts.Spot spot = attempt.wire().spot();
    if (spot.isKnown()) {
      RedactedSpot.of(attempt).write(json.name("offending"));
    }
    if (!attempt.wire().protocol().isEmpty()) {
      json.member("tls", attempt.wire().protocol()).member("cipher", attempt.wire().cipher());
    }
    List<byte[]> chain =
        attempt.failure() instanceof TlsRejected rejected
            ? rejected.chain()
            : attempt.wire().chain();
    if (!chain.isEmpty()) {
      certificates(json, chain);
    }
  }

  private static void moments(JsonWriter json, Timeline timeline) {
    json.name("ended_us").object();
    moment(json, "resolve", timeline.resolved());
    moment(json, "connect", timeline.connected());
    moment(json, "tls_handshake", timeline.secured());
    moment(json, "send_request", timeline.sent());
    moment(json, "await_response", timeline.firstByte());
    moment(json, "attempt", timeline.ended());
    json.end();
  }

  private static void moment(JsonWriter json, String phase, long micros) {
    if (micros != Timeline.NEVER) {
      json.member(phase, micros);
    }
  }

  private static void certificates(JsonWriter json, List<byte[]> chain) {
    json.name("certificates").array();
    for (byte[] der : chain) {
      json.object();
      try {
        X509Certificate certificate =
            (X509Certificate)
                CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(der));
        json.member("subject", certificate.getSubjectX500Principal().getName())
            .member("issuer", certificate.getIssuerX500Principal().getName())
            .member("not_before", certificate.getNotBefore().toInstant())
            .member("not_after", certificate.getNotAfter().toInstant());
      } catch (CertificateException e) {
        json.member("unreadable", String.valueOf(e.getMessage()));
      }
      json.member("sha256", fingerprint(der)).end();
    }
    json.end();
  }

  private static String fingerprint(byte[] der) {
    try {
      return HexFormat.ofDelimiter(":")
          .withUpperCase()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(der));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
