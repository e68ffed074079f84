package io.whygate.gateway.connection.tls;

import java.util.Locale;
import java.util.Map;

/// The number of an alert that a TLS library received, as far as its exception tells.
///
/// Alerts in clear text are read from the wire by [HandshakeWatch]; this is for those that came
/// encrypted.
public final class TlsAlert {
  private static final String BORING = "error:";
  private static final String JDK = "Received fatal alert: ";

  /// In BoringSSL's error codes the low twelve bits are the reason, and reasons above this are
  /// alerts received.
  private static final int BORING_ALERTS = 1000;

  /// The names that the JDK gives alerts (RFC 8446 section 6).
  private static final Map<String, Integer> NAMES =
      Map.ofEntries(
          Map.entry("close_notify", 0),
          Map.entry("unexpected_message", 10),
          Map.entry("bad_record_mac", 20),
          Map.entry("record_overflow", 22),
          Map.entry("handshake_failure", 40),
          Map.entry("bad_certificate", 42),
          Map.entry("unsupported_certificate", 43),
          Map.entry("certificate_revoked", 44),
          Map.entry("certificate_expired", 45),
          Map.entry("certificate_unknown", 46),
          Map.entry("illegal_parameter", 47),
          Map.entry("unknown_ca", 48),
          Map.entry("access_denied", 49),
          Map.entry("decode_error", 50),
          Map.entry("decrypt_error", 51),
          Map.entry("protocol_version", 70),
          Map.entry("insufficient_security", 71),
          Map.entry("internal_error", 80),
          Map.entry("inappropriate_fallback", 86),
          Map.entry("user_canceled", 90),
          Map.entry("missing_extension", 109),
          Map.entry("unsupported_extension", 110),
          Map.entry("unrecognized_name", 112),
          Map.entry("bad_certificate_status_response", 113),
          Map.entry("unknown_psk_identity", 115),
          Map.entry("certificate_required", 116),
          Map.entry("no_application_protocol", 120));

  private TlsAlert() {}

  /// The number; -1 where the exception is not about a received alert.
  public static int in(Throwable cause) {
    for (Throwable each = cause; each != null; each = each.getCause()) {
      String text = each.getMessage();
      int alert = text == null ? -1 : inText(text);
      if (alert >= 0) {
        return alert;
      }
    }
    return -1;
  }

  private static int inText(String text) {
    int jdk = text.indexOf(JDK);
    if (jdk >= 0) {
      String name = text.substring(jdk + JDK.length()).strip().toLowerCase(Locale.ROOT);
      return NAMES.getOrDefault(name, -1);
    }
    int boring = text.indexOf(BORING);
    int end = boring < 0 ? -1 : text.indexOf(':', boring + BORING.length());
    if (end < 0) {
      return -1;
    }
    try {
      int reason = Integer.parseUnsignedInt(text, boring + BORING.length(), end, 16) & 0xfff;
      return reason >= BORING_ALERTS && reason < BORING_ALERTS + 256 ? reason - BORING_ALERTS : -1;
    } catch (NumberFormatException _) {
      return -1;
    }
  }
}
