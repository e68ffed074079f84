package io.whygate.gateway.upstream;

import io.whygate.diagnostics.facts.ExchangeFailure.NoEndpoint;

/// What became of looking for an endpoint.
public sealed interface Selection {

  /// The endpoint to try.
  record Chosen(EndpointState endpoint) implements Selection {}

  /// There is none to try.
  record NothingFit(NoEndpoint.Reason why) implements Selection {}
}
