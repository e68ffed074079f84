package io.whygate.diagnostics.facts;

/// What the system said of a destination that it cannot reach.
public enum Unreachability {
  /// ENETUNREACH.
  NETWORK,
  /// EHOSTUNREACH.
  HOST
}
