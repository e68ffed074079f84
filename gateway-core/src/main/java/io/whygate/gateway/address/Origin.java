package io.whygate.gateway.address;

/// Where addresses came from.
public enum Origin {
  /// The endpoint is configured by address.
  LITERAL,
  /// `localhost`, which is never asked of anybody (RFC 6761 section 6.3).
  LOCALHOST,
  /// The system's hosts file.
  HOSTS_FILE,
  /// A resolver's answer within its time to live.
  DNS,
  /// A resolver's answer that ran out and cannot be refreshed (RFC 8767).
  DNS_STALE,
  /// Set by hand or by a diagnosis, for a while.
  OVERRIDE;

  /// Whether the name is one that DNS is asked for.
  public boolean isByDns() {
    return this == DNS || this == DNS_STALE || this == OVERRIDE;
  }
}
