package io.whygate.gateway.exchange;

import io.whygate.gateway.proxyprotocol.Ends;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;

/// The other end of a client's connection.
///
/// @param ends from where to where it goes, as a front says by the PROXY protocol where one does
/// @param secure whether it speaks TLS, here or to such a front
/// @param certificates that it showed and that were verified, its own first; empty where it showed
///   none
/// @param frontId by which the front's logs name the connection; empty where it has not said so
public record Peer(Ends ends, boolean secure, List<X509Certificate> certificates, String frontId) {
  public Peer {
    certificates = List.copyOf(certificates);
  }

  /// One whose connection no front has a name for.
  public Peer(Ends ends, boolean secure, List<X509Certificate> certificates) {
    this(ends, secure, certificates, "");
  }

  /// One that shows no certificate.
  public static Peer of(Ends ends, boolean secure) {
    return new Peer(ends, secure, List.of());
  }

  /// Where it comes from.
  public SocketAddress address() {
    return ends.source();
  }
}
