package io.whygate.gateway.telemetry;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/// What can be measured of a running gateway at one moment: asked on each scrape, on any thread.
public interface GatewayState {

  /// Connections to each upstream, by its name.
  Map<String, UpstreamConnections> upstreamConnections();

  /// Connections of clients.
  List<DownstreamConnections> downstreamConnections();

  /// TLS handshakes under way, by listener.
  Map<String, Integer> handshakes();

  /// How often clients went beyond a limit of a listener that is made against abuse.
  List<DownstreamAbuses> downstreamAbuses();

  /// Requests that came before their client's handshake was over (0-RTT), by listener that takes
  /// such.
  List<EarlyRequests> earlyRequests();

  /// What went from servers to clients within the kernel.
  Splicing splicing();

  /// Addresses in use for each upstream, by its name; 0 where its names give none.
  Map<String, Integer> dnsAddresses();

  /// When the certificates that the gateway itself shows and uses run out, by a name from the
  /// configuration.
  Map<String, Instant> certificateExpiry();

  /// When the proofs that the gateway's own certificates were not revoked run out, by the name of
  /// the certificate; a moment that is over where there is none, though one is wanted.
  Map<String, Instant> stapleExpiry();

  /// How often in a row a certificate that is had by ACME could not be had, by its name.
  Map<String, Integer> acmeFailures();

  /// When the first of the certificates that the servers of an upstream showed runs out.
  Map<String, Instant> upstreamCertificateExpiry();

  /// Warnings of certificates that run out.
  List<CertificateWarning> certificateWarnings();

  /// Open incidents of each upstream, by its name; 0 where there is none.
  Map<String, Integer> openIncidents();

  /// Connections to one upstream.
  ///
  /// @param active that carry a request
  /// @param idle that wait in a pool
  /// @param pending requests that wait for a connection
  record UpstreamConnections(int active, int idle, int pending) {}

  /// How many warnings of a certificate are due.
  ///
  /// @param side `downstream` or `upstream`
  /// @param name from the configuration
  record CertificateWarning(String side, String name, int due) {}

  /// Requests that came to one listener before their client's handshake was over.
  ///
  /// @param listener the listener's label
  /// @param result `passed` at once, or `held` until the handshake was over
  record EarlyRequests(String listener, String result, long count) {}

  /// What went from servers to clients within the kernel.
  ///
  /// @param bytes so many
  /// @param fallbacks pieces that were copied all the same, by why
  record Splicing(long bytes, Map<String, Long> fallbacks) {
    public Splicing {
      fallbacks = Map.copyOf(fallbacks);
    }
  }

  /// How often clients of one listener went beyond a limit.
  ///
  /// @param listener the listener's label
  /// @param kind which limit
  record DownstreamAbuses(String listener, String kind, long count) {}

  /// Clients' connections to one listener.
  ///
  /// @param listener the listener's label
  /// @param protocol `http1` or `http2`
  record DownstreamConnections(String listener, String protocol, int count) {}
}
