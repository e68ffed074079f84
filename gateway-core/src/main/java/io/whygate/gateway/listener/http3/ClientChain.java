package io.whygate.gateway.listener.http3;

import io.netty.handler.codec.quic.QuicChannel;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;

/// The certificates that a client showed in its handshake.
final class ClientChain {
  private ClientChain() {}

  /// Nothing where it was not asked, or had none.
  static List<X509Certificate> of(QuicChannel channel) {
    SSLEngine engine = channel.sslEngine();
    if (engine == null) {
      return List.of();
    }
    try {
      return Stream.of(engine.getSession().getPeerCertificates())
          .map(X509Certificate.class::cast)
          .toList();
    } catch (SSLPeerUnverifiedException _) {
      return List.of();
    }
  }
}
