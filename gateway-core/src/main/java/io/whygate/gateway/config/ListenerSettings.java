package io.whygate.gateway.config;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.attribute.PosixFilePermission;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// Where clients are served, and what they may do there.
///
/// @param bind the address and port, or a Unix socket
/// @param socketMode the permissions of the file where that is a Unix socket
/// @param tls certificates; empty for clear text
/// @param limits sizes and counts that a client may reach
/// @param timeouts how long a client may take
/// @param http2 what holds for clients that speak HTTP/2
/// @param passThrough where connections are passed on to as they are; empty where HTTP is served
/// @param http3 what holds for clients that speak HTTP/3
/// @param proxyProtocol who says by the PROXY protocol whose connection it passes on
/// @param trustedProxies whose Forwarded and X-Forwarded-* fields are believed
/// @param redirectToHttps the port that clients of clear text are sent to; empty where they are
///   served
/// @param frontStatus whether 502 and 504 become 503 because a front replaces such pages
/// @param maxConnections connections at the same time; further ones wait in the system's queue
public record ListenerSettings(
    SocketAddress bind,
    Set<PosixFilePermission> socketMode,
    Optional<Tls> tls,
    Limits limits,
    Timeouts timeouts,
    Http2 http2,
    Optional<PassThrough> passThrough,
    Http3 http3,
    ProxyProtocol proxyProtocol,
    Sources trustedProxies,
    OptionalInt redirectToHttps,
    FrontStatus frontStatus,
    int maxConnections) {
  public ListenerSettings {
    socketMode = Set.copyOf(socketMode);
  }

  /// The label of this listener in metrics and logs, such as `0.0.0.0:8080` or `unix:/run/a.sock`.
  public String name() {
    return nameOf(bind);
  }

  /// How an address to listen on is written.
  public static String nameOf(SocketAddress bind) {
    if (!(bind instanceof InetSocketAddress inet)) {
      return "unix:" + bind;
    }
    String host = inet.getAddress().getHostAddress();
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + inet.getPort();
  }

  /// The same with another TLS.
  public ListenerSettings with(Tls other) {
    return new ListenerSettings(
        bind,
        socketMode,
        Optional.of(other),
        limits,
        timeouts,
        http2,
        passThrough,
        http3,
        proxyProtocol,
        trustedProxies,
        redirectToHttps,
        frontStatus,
        maxConnections);
  }

  /// Connections that are passed on as they are.
  ///
  /// @param routes by the name that a TLS client asks for, as a host; one without a host is for all
  ///   others
  /// @param tls whether clients have to speak TLS, of which the greeting is read
  public record PassThrough(List<RouteSettings> routes, boolean tls) {
    public PassThrough {
      routes = List.copyOf(routes);
    }
  }

  /// The PROXY protocol of fronts.
  ///
  /// @param from whose connections begin with a header; empty where it is not spoken
  /// @param others what comes of connections from elsewhere
  /// @param maxLength of a header, bytes
  /// @param timeout from the beginning of a connection to the end of its header
  public record ProxyProtocol(Sources from, Others others, int maxLength, Duration timeout) {
    /// What comes of connections from elsewhere.
    public enum Others {
      /// They are closed.
      REFUSE,
      /// They are served, and a header is no request of theirs.
      SERVE
    }
  }

  /// TLS towards clients.
  ///
  /// @param certificates the default first
  /// @param wanted certificates that are had by ACME
  /// @param sessionTickets the keys that seal them
  /// @param clientCertificates whether clients show certificates too
  /// @param strictTransport what Strict-Transport-Security says; empty where it is not said
  public record Tls(
      List<KeyPair> certificates,
      List<AcmeSettings.Wanted> wanted,
      SessionTickets sessionTickets,
      ClientCertificates clientCertificates,
      Optional<StrictTransport> strictTransport) {
    public Tls {
      certificates = List.copyOf(certificates);
      wanted = List.copyOf(wanted);
    }

    /// The same with other certificates.
    public Tls showing(List<KeyPair> others) {
      return new Tls(others, wanted, sessionTickets, clientCertificates, strictTransport);
    }
  }

  /// Session tickets, by which clients resume a session.
  ///
  /// @param rotateEvery how long a key seals new ones
  /// @param keep earlier keys that still open tickets
  /// @param keys of files, in hexadecimal, in place of the listener's own
  public record SessionTickets(Duration rotateEvery, int keep, List<String> keys) {
    public SessionTickets {
      keys = List.copyOf(keys);
    }
  }

  /// Certificates of clients.
  ///
  /// @param trusted authorities that sign them
  public record ClientCertificates(Verify verify, List<X509Certificate> trusted) {
    public ClientCertificates {
      trusted = List.copyOf(trusted);
    }

    /// Whether a client has to show one.
    public enum Verify {
      /// It is not asked.
      NONE,
      /// It is asked; what it shows has to be valid.
      OPTIONAL,
      REQUIRED
    }
  }

  /// What browsers are told to remember (RFC 6797).
  ///
  /// @param maxAge how long to come over TLS alone
  /// @param subdomains whether subdomains too
  /// @param preload whether lists of browsers may say so beforehand
  public record StrictTransport(Duration maxAge, boolean subdomains, boolean preload) {}

  /// A certificate chain, leaf first, with its key.
  public record KeyPair(List<X509Certificate> chain, PrivateKey key) {
    public KeyPair {
      chain = List.copyOf(chain);
    }
  }

  /// Sizes and counts that a client may reach; bytes where not said otherwise.
  ///
  /// @param requestLine beyond it 414
  /// @param headerSize all field lines together; beyond it 431
  /// @param headerCount field lines; beyond it 431
  /// @param body of a request; beyond it 413; -1 for none
  /// @param connections at the same time from one client; -1 for no limit
  /// @param handshakes of TLS under way at the same time
  /// @param buffer of a body or of pipelined requests, each way, before reading from its sender
  ///   stops
  /// @param smallPieces of the content of requests that one connection may bring
  /// @param rates that a client has to keep up
  public record Limits(
      int requestLine,
      int headerSize,
      int headerCount,
      long body,
      int connections,
      int handshakes,
      int buffer,
      SmallPieces smallPieces,
      Rates rates) {}

  /// What a client has to keep up while the gateway waits for it, bytes a second; 0 for no limit.
  ///
  /// @param body of a request
  /// @param send taking an answer
  /// @param grace for which it may be slower at first
  public record Rates(long body, long send, Duration grace) {}

  /// How long a client may take.
  ///
  /// @param idle between requests
  /// @param header from the first byte of a head to its end
  /// @param handshake from the beginning of a connection to the end of its TLS handshake
  /// @param body between two pieces of a request's body
  /// @param send until a client takes more of an answer
  /// @param tunnel without a byte either way in an upgraded connection
  public record Timeouts(
      Duration idle,
      Duration header,
      Duration handshake,
      Duration body,
      Duration send,
      Duration tunnel) {}

  /// What holds for clients that speak HTTP/2.
  ///
  /// @param enabled whether it is spoken at all
  /// @param maxStreams requests at the same time on one connection
  /// @param streamWindow content of one request that may be on its way, bytes
  /// @param connectionWindow content of all requests of a connection that may be on its way, and
  ///   content of their answers that is held together, bytes
  /// @param frameSize the payload of a frame that a client may send, bytes
  /// @param floods frames that make work without being requests
  public record Http2(
      boolean enabled,
      int maxStreams,
      int streamWindow,
      int connectionWindow,
      int frameSize,
      Floods floods) {}

  /// What holds for clients that speak HTTP/3, on the same port of UDP.
  ///
  /// @param enabled whether it is spoken at all
  /// @param maxStreams requests at the same time on one connection
  /// @param streamWindow content of one request that may be on its way, bytes
  /// @param connectionWindow content of all requests of a connection that may be on its way, and
  ///   content of their answers that is held together, bytes
  /// @param idle without a packet from the client, after which the connection is forgotten
  /// @param activeConnectionIds ids, and thereby addresses, that a client may give its connection
  /// @param cancelCheck how soon it is noticed that a client no longer wants an answer
  /// @param unfinished requests of one connection that may end before they are whole; then it is
  ///   let go
  /// @param unacknowledged packets in a row of which the client acknowledges none; then its
  ///   connection is ended
  /// @param socketBuffer of each socket, each way, bytes
  /// @param altSvc how clients that come by TCP learn of it
  /// @param retry when clients first have to show that they are where they say
  public record Http3(
      boolean enabled,
      int maxStreams,
      int streamWindow,
      int connectionWindow,
      Duration idle,
      int activeConnectionIds,
      Duration cancelCheck,
      int unfinished,
      int unacknowledged,
      int socketBuffer,
      boolean earlyData,
      AltSvc altSvc,
      Retry retry) {}

  /// What answers over TCP say of HTTP/3 (RFC 7838).
  ///
  /// @param port empty for the listener's own
  /// @param maxAge how long clients remember it; empty where nothing is said
  public record AltSvc(OptionalInt port, Optional<Duration> maxAge) {}

  /// Address validation by Retry packets (RFC 9000 section 8.1.2).
  ///
  /// @param above handshakes under way from which on they are sent
  /// @param lifetime of a token
  public record Retry(When when, int above, Duration lifetime) {
    /// When they are sent.
    public enum When {
      /// Under load, and where connections of one client are limited.
      AUTO,
      ALWAYS,
      NEVER
    }
  }

  /// How many frames that make work without being requests a connection may send; beyond them it is
  /// closed with ENHANCE_YOUR_CALM.
  ///
  /// @param window the time over which is counted
  /// @param resets streams that end early; each answered request earns one more
  /// @param pings each frame of content earns one more
  /// @param emptyFrames DATA without content
  /// @param windowUpdates each frame of content that is sent earns two more
  /// @param priorities PRIORITY and PRIORITY_UPDATE; each request earns two more
  /// @param headerLists field lists beyond the limits of size
  /// @param continuations CONTINUATION frames of one field block
  public record Floods(
      Duration window,
      int resets,
      int settings,
      int pings,
      int emptyFrames,
      int windowUpdates,
      int priorities,
      int headerLists,
      int continuations) {}

  /// Whether 502 and 504 become 503.
  public enum FrontStatus {
    /// When the request shows such a front: CF-Ray, or CDN-Loop naming it.
    AUTO,
    ALWAYS,
    NEVER
  }
}
