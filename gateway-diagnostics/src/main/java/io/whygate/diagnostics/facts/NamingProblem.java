package io.whygate.diagnostics.facts;

/// Why a name could not be turned into an address.
public enum NamingProblem {
  /// NXDOMAIN.
  NAME_NOT_FOUND,
  /// The name exists, without an A or AAAA record.
  NO_ADDRESS,
  /// SERVFAIL.
  SERVER_FAILURE,
  /// REFUSED.
  REFUSED,
  /// No resolver answered in time, or none listens.
  TIMEOUT,
  /// An answer that could not be understood, or another response code.
  OTHER;

  /// Whether somebody who knows said that there is no address, rather than that nobody could say.
  public boolean isDefinite() {
    return switch (this) {
      case NAME_NOT_FOUND, NO_ADDRESS -> true;
      case SERVER_FAILURE, REFUSED, TIMEOUT, OTHER -> false;
    };
  }
}
