package io.whygate.diagnostics.facts;

/// Why an exchange ended without the answer that the client wanted.
public sealed interface ExchangeFailure {

  /// Every attempt that was allowed has failed.
  record AttemptsExhausted() implements ExchangeFailure {}

  /// There was no endpoint to try.
  ///
  /// @param why what kept each from being tried
  record NoEndpoint(Reason why) implements ExchangeFailure {
    /// What kept every endpoint from being tried.
    public enum Reason {
      NONE_CONFIGURED,
      ALL_DRAINED,
      ALL_EJECTED,
      CIRCUIT_OPEN,
      MAINTENANCE
    }
  }

  /// A limit of the gateway's own was reached.
  record LimitReached(Limit limit) implements ExchangeFailure {
    /// The limit that was reached.
    public enum Limit {
      POOL,
      POOL_QUEUE,
      POOL_WAIT,
      EXCHANGES
    }
  }

  /// The request has been through this gateway before.
  record LoopDetected() implements ExchangeFailure {}

  /// No request has failed: something is wrong with a certificate that the gateway itself shows.
  record OwnCertificate() implements ExchangeFailure {}
}
