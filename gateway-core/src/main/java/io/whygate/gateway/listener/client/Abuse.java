package io.whygate.gateway.listener.client;

import java.util.Locale;

/// Ways in which a client makes more work than its requests are worth; each has a limit and a
/// count.
public enum Abuse {
  /// Streams that are reset early, by the client (CVE-2023-44487) or because it made the gateway
  /// reset them (CVE-2025-8671), or that were refused.
  RESETS,
  SETTINGS,
  PINGS,
  /// DATA without content that ends nothing.
  EMPTY_FRAMES,
  /// Content in chunks or DATA frames that carry next to nothing.
  SMALL_PIECES,
  WINDOW_UPDATES,
  /// PRIORITY and PRIORITY_UPDATE.
  PRIORITIES,
  /// Field lists that are larger than allowed once they are decompressed.
  HEADER_LISTS,
  /// CONTINUATION frames of one field block, or the bytes of the block (CVE-2024-27316 and others).
  CONTINUATIONS,
  /// Answers that the client asked for and does not take.
  STALLS,
  /// Heads and contents of requests that come too slowly.
  SLOW,
  /// Contents of requests that keep coming, but slower than they have to.
  BODY_RATE,
  /// Answers that are being taken, but slower than they have to.
  SEND_RATE,
  /// Packets of QUIC that the client does not acknowledge, while it has more sent.
  UNACKNOWLEDGED,
  /// Handshakes of TLS that failed, or took too long.
  HANDSHAKES,
  /// Handshakes of TLS beyond those that may be under way.
  HANDSHAKE_LIMIT,
  /// Connections beyond those that one client may have.
  CONNECTIONS,
  /// Connections of fronts that do not begin with a header of the PROXY protocol, and those that
  /// come past the fronts.
  PROXY_HEADERS;

  /// The label in metrics.
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
