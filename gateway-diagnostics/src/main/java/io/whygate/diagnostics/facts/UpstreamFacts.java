package io.whygate.diagnostics.facts;

import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What the configuration says of an upstream, as far as its failures can be explained by it.
///
/// @param name the upstream's name
/// @param endpoints its endpoints
/// @param dnsServers the resolvers in use, in order
/// @param authoritativePort the port at which name servers are asked, 53 but in tests
/// @param trusted the certificates trusted for it; empty where the system's are
/// @param verifiesTls whether certificates are verified
/// @param serverName the TLS name that is sent and verified, where it is not the endpoint's host
/// @param connectTimeout the limit of dialling and the TLS handshake
/// @param responseTimeout the limit of waiting for a response head
/// @param logs where the server's own log is read
/// @param contact whom to turn to
/// @param maintenance a declared maintenance, where one is on
/// @param platform what the server runs, such as `wordpress`; empty where it is not declared
/// @param http2Only whether nothing but HTTP/2 is spoken to it
public record UpstreamFacts(
    String name,
    List<Endpoint> endpoints,
    List<InetSocketAddress> dnsServers,
    int authoritativePort,
    List<X509Certificate> trusted,
    boolean verifiesTls,
    Optional<String> serverName,
    Duration connectTimeout,
    Duration responseTimeout,
    List<LogSource> logs,
    Contact contact,
    Optional<Maintenance> maintenance,
    String platform,
    boolean http2Only) {
  public UpstreamFacts {
    endpoints = List.copyOf(endpoints);
    dnsServers = List.copyOf(dnsServers);
    trusted = List.copyOf(trusted);
    logs = List.copyOf(logs);
  }

  /// The same, of a server that runs this.
  public UpstreamFacts running(String otherPlatform) {
    return new UpstreamFacts(
        name,
        endpoints,
        dnsServers,
        authoritativePort,
        trusted,
        verifiesTls,
        serverName,
        connectTimeout,
        responseTimeout,
        logs,
        contact,
        maintenance,
        otherPlatform,
        http2Only);
  }

  /// Whom to turn to at the host; each part may be empty.
  public record Contact(String name, String email, String phone, String url) {
    public static final Contact NONE = new Contact("", "", "", "");

    public boolean isEmpty() {
      return equals(NONE);
    }
  }

  /// A declared maintenance.
  ///
  /// @param until when it is meant to end, where that is known
  /// @param message what visitors are told; may be empty
  public record Maintenance(Optional<Instant> until, String message) {}
}
