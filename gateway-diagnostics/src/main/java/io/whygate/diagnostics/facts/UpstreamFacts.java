package io.whygate.diagnostics.facts;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
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
/// @param protocol what is spoken to it
/// @param client the certificate that is shown where a server asks for one
/// @param proxyProtocol what each connection begins with
/// @param answerLimits beyond what an answer is refused
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
    Protocol protocol,
    Optional<ClientCertificate> client,
    ProxyProtocol proxyProtocol,
    AnswerLimits answerLimits) {
  public UpstreamFacts {
    endpoints = List.copyOf(endpoints);
    dnsServers = List.copyOf(dnsServers);
    trusted = List.copyOf(trusted);
    logs = List.copyOf(logs);
  }

  /// What is spoken to the endpoints.
  public enum Protocol {
    /// Over TLS what it agrees on, else HTTP/1.1.
    AUTO,
    HTTP1,
    HTTP2;

    /// What is offered by ALPN, the preferred one first.
    public List<String> offered() {
      return switch (this) {
        case AUTO -> List.of(WireFacts.HTTP2, WireFacts.HTTP1);
        case HTTP1 -> List.of(WireFacts.HTTP1);
        case HTTP2 -> List.of(WireFacts.HTTP2);
      };
    }
  }

  /// What is said at the start of a connection, before TLS, of the client that it is for (HAProxy's
  /// PROXY protocol).
  public enum ProxyProtocol {
    /// Nothing.
    NONE(""),
    V1("PROXY UNKNOWN\r\n"),
    V2("\r\n\r\n\0\r\nQUIT\n \0\0\0");

    private final String own;

    ProxyProtocol(String own) {
      this.own = own;
    }

    /// What says that a connection is the gateway's own, for no client.
    public byte[] own() {
      return own.getBytes(StandardCharsets.ISO_8859_1);
    }
  }

  /// How much may come before the content of an answer.
  ///
  /// @param head status line and field lines together, bytes
  /// @param fields field lines
  /// @param interim answers of 1xx
  public record AnswerLimits(int head, int fields, int interim) {
    /// Where nothing is configured.
    public static final AnswerLimits USUAL = new AnswerLimits(65_536, 1_000, 64);
  }

  /// The gateway's own certificate, leaf first, and its key.
  public record ClientCertificate(PrivateKey key, List<X509Certificate> chain) {
    public ClientCertificate {
      chain = List.copyOf(chain);
    }
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
        protocol,
        client,
        proxyProtocol,
        answerLimits);
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
