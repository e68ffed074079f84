package io.whygate.gateway.exchange;

/// Takes note of what happened to requests: metrics, access log.
///
/// Called on the event loop of the exchange; it must not block, and must not keep the exchange.
public interface Recorder {

  /// An exchange is over, whatever came of it; called exactly once for each.
  ///
  /// @param loop the index of the event loop that served it, from 0: for counters that no two loops
  ///   share
  void finished(FinishedExchange exchange, int loop);
}
