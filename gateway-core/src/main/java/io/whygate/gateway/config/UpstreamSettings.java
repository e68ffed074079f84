package io.whygate.gateway.config;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.LogSource;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.facts.UpstreamFacts.Protocol;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A set of endpoints that serve the same thing, and how they are treated.
///
/// @param connectTimeout dialling and the TLS handshake together
/// @param responseTimeout from the end of the request to the response head
/// @param idleTimeout between two pieces of a body, or of a tunnel
/// @param maxResponseHeader status line and field lines together, bytes
/// @param maxResponseHeaderCount field lines
/// @param maxInterimResponses answers of 1xx before the final one
/// @param smallPieces of the content of one answer
/// @param proxyProtocolFields what a header of version 2 tells besides the addresses
/// @param maxGrpcDeadline the longest deadline of a gRPC call; zero for any
/// @param platform what the server runs, such as `wordpress`; empty where it is not said
public record UpstreamSettings(
    String name,
    List<Endpoint> endpoints,
    Duration connectTimeout,
    Duration responseTimeout,
    Duration idleTimeout,
    int maxResponseHeader,
    int maxResponseHeaderCount,
    int maxInterimResponses,
    SmallPieces smallPieces,
    Protocol protocol,
    UpstreamFacts.ProxyProtocol proxyProtocol,
    Set<ProxyProtocolField> proxyProtocolFields,
    HostHeader hostHeader,
    RequestId requestId,
    Balance balance,
    Tls tls,
    Pool pool,
    Http2 http2,
    Duration maxGrpcDeadline,
    CircuitBreaker circuitBreaker,
    Retry retry,
    Outlier outlier,
    Health health,
    Maintenance maintenance,
    List<LogSource> logs,
    UpstreamFacts.Contact contact,
    String platform) {
  public UpstreamSettings {
    endpoints = List.copyOf(endpoints);
    logs = List.copyOf(logs);
    proxyProtocolFields = Set.copyOf(proxyProtocolFields);
  }

  /// What a header of the PROXY protocol, version 2, tells besides the addresses.
  public enum ProxyProtocolField {
    /// What was agreed on by ALPN.
    ALPN,
    /// The name that the client asked for by SNI.
    AUTHORITY,
    /// The version and suite of TLS, and the client's certificate.
    SSL,
    /// The request's id, or what a front calls the connection.
    UNIQUE_ID,
    /// A checksum of the header.
    CRC32C,
    /// What a front said that is not told otherwise.
    RECEIVED
  }

  /// Which Host field the endpoints see.
  public enum HostHeader {
    PRESERVE,
    UPSTREAM
  }

  /// Which X-Request-Id the endpoints see.
  public enum RequestId {
    /// The client's, else a new one.
    CREATE,
    /// The client's, if it sent one.
    PASS
  }

  /// How an endpoint is chosen.
  public enum Balance {
    /// Power of two choices by outstanding requests.
    LEAST_REQUESTS,
    ROUND_ROBIN,
    RANDOM
  }

  /// TLS towards the endpoints.
  ///
  /// @param trusted the certificates trusted instead of the system's; empty for the system's
  /// @param client the certificate that is shown when the server asks for one
  public record Tls(
      boolean verify,
      Optional<String> serverName,
      List<X509Certificate> trusted,
      Optional<ListenerSettings.KeyPair> client) {
    public Tls {
      trusted = List.copyOf(trusted);
    }
  }

  /// Limits of connections, each per endpoint and, but for the last, over all event loops.
  ///
  /// @param maxRedialsPerSecond how many connections one event loop tries where the last could not
  ///   be made; 0 for any number
  public record Pool(
      int maxConnections,
      int maxPending,
      Duration pendingTimeout,
      Duration idleTimeout,
      int maxRedialsPerSecond) {}

  /// Limits of each connection that speaks HTTP/2.
  ///
  /// @param maxStreams exchanges at the same time, where the server allows as many
  /// @param streamWindow how much of one answer may be on its way, and is held, bytes
  /// @param connectionWindow how much of all answers may be on its way, bytes
  /// @param buffer how much of one request's body is held until the server takes it, bytes
  public record Http2(
      int maxStreams, int streamWindow, int connectionWindow, int buffer, Floods floods) {}

  /// How many frames a server may send that carry nothing of an answer.
  ///
  /// @param window the time over which is counted
  /// @param continuations CONTINUATION frames of one list of fields
  public record Floods(Duration window, int frames, int continuations) {}

  /// When an endpoint set is left alone for a while.
  ///
  /// @param consecutiveFailures 0 switches it off
  public record CircuitBreaker(int consecutiveFailures, Duration openFor) {}

  /// Further tries of a request.
  ///
  /// @param attempts tries in all, the first included
  /// @param budgetPercent retries as a share of the requests of the last seconds
  public record Retry(int attempts, int budgetPercent) {}

  /// When a failing endpoint is passed over.
  ///
  /// @param consecutiveFailures 0 switches it off
  /// @param baseEjection the first ejection; each further one is longer
  /// @param maxEjectedPercent of the endpoints, at the same time; one always stays
  /// @param slowStart how long an endpoint that returns gets less than its share
  public record Outlier(
      int consecutiveFailures,
      Duration baseEjection,
      Duration maxEjection,
      int maxEjectedPercent,
      Duration slowStart) {}

  /// Scheduled checks.
  ///
  /// @param enabled whether they are made
  /// @param path what is asked for by GET
  /// @param statusFrom the lowest status that counts as healthy
  /// @param statusTo the highest one
  public record Health(
      boolean enabled,
      String path,
      Duration interval,
      Duration timeout,
      int healthyAfter,
      int unhealthyAfter,
      int statusFrom,
      int statusTo) {}

  /// A declared maintenance.
  public record Maintenance(boolean enabled, UpstreamFacts.Maintenance window) {}
}
