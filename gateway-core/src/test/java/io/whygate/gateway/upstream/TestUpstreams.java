package io.whygate.gateway.upstream;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.ConnectionUse;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.gateway.config.SmallPieces;
import io.whygate.gateway.config.UpstreamSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Settings of upstreams as tests want them: the defaults, with what a test is about changed.
public record TestUpstreams(
    List<Endpoint> endpoints,
    UpstreamSettings.Balance balance,
    UpstreamSettings.Outlier outlier,
    UpstreamSettings.CircuitBreaker circuit,
    UpstreamSettings.Pool pool,
    UpstreamSettings.Tls tls,
    UpstreamSettings.Health health,
    UpstreamSettings.Maintenance maintenance,
    Duration connectTimeout) {

  public static TestUpstreams of(Endpoint... endpoints) {
    return new TestUpstreams(
        List.of(endpoints),
        UpstreamSettings.Balance.LEAST_REQUESTS,
        new UpstreamSettings.Outlier(
            5, Duration.ofSeconds(10), Duration.ofMinutes(5), 50, Duration.ofSeconds(10)),
        new UpstreamSettings.CircuitBreaker(0, Duration.ofSeconds(5)),
        new UpstreamSettings.Pool(100, 100, Duration.ofSeconds(5), Duration.ofSeconds(60), 0),
        new UpstreamSettings.Tls(true, Optional.empty(), List.of(), Optional.empty()),
        new UpstreamSettings.Health(
            false, "/", Duration.ofSeconds(5), Duration.ofSeconds(1), 2, 3, 200, 399),
        new UpstreamSettings.Maintenance(
            false, new UpstreamFacts.Maintenance(Optional.empty(), "")),
        Duration.ofSeconds(2));
  }

  /// An upstream of so many endpoints on ports from 1.
  static TestUpstreams ofSize(int size) {
    return of(
        Stream.iterate(1, port -> port + 1)
            .limit(size)
            .map(port -> new Endpoint(Endpoint.Scheme.HTTP, "127.0.0.1", port))
            .toArray(Endpoint[]::new));
  }

  TestUpstreams balance(UpstreamSettings.Balance wanted) {
    return new TestUpstreams(
        endpoints, wanted, outlier, circuit, pool, tls, health, maintenance, connectTimeout);
  }

  TestUpstreams outlier(UpstreamSettings.Outlier wanted) {
    return new TestUpstreams(
        endpoints, balance, wanted, circuit, pool, tls, health, maintenance, connectTimeout);
  }

  TestUpstreams circuit(int failures, Duration openFor) {
    return new TestUpstreams(
        endpoints,
        balance,
        outlier,
        new UpstreamSettings.CircuitBreaker(failures, openFor),
        pool,
        tls,
        health,
        maintenance,
        connectTimeout);
  }

  public TestUpstreams pool(UpstreamSettings.Pool wanted) {
    return new TestUpstreams(
        endpoints, balance, outlier, circuit, wanted, tls, health, maintenance, connectTimeout);
  }

  public TestUpstreams tls(UpstreamSettings.Tls wanted) {
    return new TestUpstreams(
        endpoints, balance, outlier, circuit, pool, wanted, health, maintenance, connectTimeout);
  }

  public TestUpstreams health(UpstreamSettings.Health wanted) {
    return new TestUpstreams(
        endpoints, balance, outlier, circuit, pool, tls, wanted, maintenance, connectTimeout);
  }

  TestUpstreams maintained() {
    return new TestUpstreams(
        endpoints,
        balance,
        outlier,
        circuit,
        pool,
        tls,
        health,
        new UpstreamSettings.Maintenance(true, maintenance.window()),
        connectTimeout);
  }

  public TestUpstreams connectTimeout(Duration wanted) {
    return new TestUpstreams(
        endpoints, balance, outlier, circuit, pool, tls, health, maintenance, wanted);
  }

  public UpstreamSettings settings() {
    return new UpstreamSettings(
        "shop",
        endpoints,
        connectTimeout,
        Duration.ofSeconds(5),
        Duration.ofSeconds(5),
        32 * 1024,
        1000,
        64,
        SmallPieces.ANY,
        UpstreamFacts.Protocol.AUTO,
        UpstreamFacts.ProxyProtocol.NONE,
        Set.of(),
        UpstreamSettings.HostHeader.PRESERVE,
        UpstreamSettings.RequestId.CREATE,
        balance,
        tls,
        pool,
        new UpstreamSettings.Http2(
            100,
            256 * 1024,
            1024 * 1024,
            64 * 1024,
            new UpstreamSettings.Floods(Duration.ofSeconds(10), 1000, 32)),
        Duration.ZERO,
        circuit,
        new UpstreamSettings.Retry(3, 20),
        outlier,
        health,
        maintenance,
        List.of(),
        UpstreamFacts.Contact.NONE,
        "");
  }

  /// A failed attempt on a fresh connection.
  static FailedAttempt failed(EndpointState endpoint, AttemptFailure failure) {
    return failed(endpoint, failure, ConnectionUse.FRESH);
  }

  static FailedAttempt failed(EndpointState endpoint, AttemptFailure failure, ConnectionUse use) {
    long never = Timeline.NEVER;
    return new FailedAttempt(
        endpoint.endpoint(),
        Optional.empty(),
        failure,
        new Timeline(0, never, never, never, never, 1),
        use,
        0,
        0,
        "",
        Optional.empty());
  }
}
