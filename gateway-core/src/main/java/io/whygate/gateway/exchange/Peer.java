package io.whygate.gateway.exchange;

import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;

/// The other end of a client's connection.
///
/// @param address where it comes from
/// @param secure whether it speaks TLS
/// @param certificates that it showed and that were verified, its own first; empty where it showed
///   none
public record Peer(SocketAddress address, boolean secure, List<X509Certificate> certificates) {
  public Peer {
    certificates = List.copyOf(certificates);
  }

  /// One that shows no certificate.
  public static Peer of(SocketAddress address, boolean secure) {
    return new Peer(address, secure, List.of());
  }
}
