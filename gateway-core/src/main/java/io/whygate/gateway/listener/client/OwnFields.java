package io.whygate.gateway.listener.client;

import io.whygate.gateway.config.ListenerSettings;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// What answers say in the gateway's name: Date where the server did not say it, and
/// Strict-Transport-Security (RFC 6797) where the listener's settings do. Confined to an event
/// loop.
public final class OwnFields {
  private final Dates dates = new Dates();
  private final byte[] strictTransport;

  public OwnFields(Optional<ListenerSettings.Tls> tls) {
    strictTransport =
        tls.flatMap(ListenerSettings.Tls::strictTransport)
            .map(OwnFields::value)
            .orElse("")
            .getBytes(StandardCharsets.US_ASCII);
  }

  private static String value(ListenerSettings.StrictTransport settings) {
    return "max-age="
        + settings.maxAge().toSeconds()
        + (settings.subdomains() ? "; includeSubDomains" : "")
        + (settings.preload() ? "; preload" : "");
  }

  /// The value of Date; the array is shared and not to be changed.
  public byte[] date() {
    return dates.now();
  }

  /// The value of Strict-Transport-Security, empty where it is not said; not to be changed.
  public byte[] strictTransport() {
    return strictTransport;
  }
}
