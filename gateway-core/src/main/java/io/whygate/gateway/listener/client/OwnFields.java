package io.whygate.gateway.listener.client;

import io.whygate.gateway.config.ListenerSettings;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.IntSupplier;

/// What answers say in the gateway's name: Date where the server did not say it, and
/// Strict-Transport-Security (RFC 6797) and Alt-Svc (RFC 7838) where the listener's settings do.
/// Confined to an event loop.
public final class OwnFields {
  private final Dates dates = new Dates();
  private final byte[] strictTransport;
  private final Optional<ListenerSettings.AltSvc> alternative;
  private final IntSupplier port;
  private byte[] altSvc = {};

  /// @param alternative what is said of HTTP/3; empty where nothing is
  /// @param port that the listener is bound to; asked where HTTP/3 is spoken, once there are
  ///   clients
  public OwnFields(
      Optional<ListenerSettings.Tls> tls,
      Optional<ListenerSettings.AltSvc> alternative,
      IntSupplier port) {
    strictTransport =
        tls.flatMap(ListenerSettings.Tls::strictTransport)
            .map(OwnFields::value)
            .orElse("")
            .getBytes(StandardCharsets.US_ASCII);
    this.alternative = alternative;
    this.port = port;
  }

  private static String value(ListenerSettings.StrictTransport settings) {
    return "max-age="
        + settings.maxAge().toSeconds()
        + (settings.subdomains() ? "; includeSubDomains" : "")
        + (settings.preload() ? "; preload" : "");
  }

  private String value(ListenerSettings.AltSvc settings) {
    return "h3=\":"
        + settings.port().orElseGet(port)
        + "\"; ma="
        + settings.maxAge().orElseThrow().toSeconds();
  }

  /// The value of Date; the array is shared and not to be changed.
  public byte[] date() {
    return dates.now();
  }

  /// The value of Strict-Transport-Security, empty where it is not said; not to be changed.
  public byte[] strictTransport() {
    return strictTransport;
  }

  /// The value of Alt-Svc, empty where it is not said; not to be changed.
  public byte[] altSvc() {
    if (altSvc.length == 0 && alternative.isPresent()) {
      altSvc = value(alternative.get()).getBytes(StandardCharsets.US_ASCII);
    }
    return altSvc;
  }
}
