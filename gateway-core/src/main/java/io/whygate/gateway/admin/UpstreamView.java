package io.whygate.gateway.admin;

import io.whygate.diagnostics.facts.UpstreamFacts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// An upstream as it stands at one moment.
///
/// @param circuit `closed`, `open` or `half-open`
/// @param maintenance the maintenance that is on
public record UpstreamView(
    String name,
    String circuit,
    Optional<UpstreamFacts.Maintenance> maintenance,
    List<EndpointView> endpoints) {
  public UpstreamView {
    endpoints = List.copyOf(endpoints);
  }

  /// One of its endpoints.
  ///
  /// @param url the URL that names it
  /// @param ejectionLeft how long it is still passed over; zero where it is not ejected
  /// @param outstanding requests that went out to it and are not over
  /// @param connections to it that carry a request
  /// @param idle connections to it that wait in pools
  /// @param pending requests that wait for a connection to it
  /// @param check what its last scheduled check found, where it is checked
  public record EndpointView(
      String url,
      State state,
      Duration ejectionLeft,
      int consecutiveFailures,
      int outstanding,
      int connections,
      int idle,
      int pending,
      Optional<CheckView> check,
      List<AddressView> addresses) {
    public EndpointView {
      addresses = List.copyOf(addresses);
    }
  }

  /// What a scheduled check found.
  ///
  /// @param finding the status, such as `200`, or what failed, such as `connect-refused`
  public record CheckView(boolean passed, String finding, Instant at) {}

  /// Whether an endpoint gets requests.
  public enum State {
    HEALTHY,
    /// Taken out by an operator.
    DRAINED,
    /// Passed over for its failures.
    EJECTED,
    /// Scheduled checks say that it cannot serve.
    UNHEALTHY;

    /// The state as documents write it, such as `ejected`.
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// An address in use.
  ///
  /// @param source where it came from: `dns`, `stale`, `configured`, `healed` or `unix`
  /// @param validUntil when the answer that gave it runs out, where one did
  /// @param failing whether connections to it failed lately
  public record AddressView(
      String address, String source, Optional<Instant> validUntil, boolean failing) {}
}
