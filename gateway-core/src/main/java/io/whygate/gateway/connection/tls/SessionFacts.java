package io.whygate.gateway.connection.tls;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import io.whygate.diagnostics.facts.WireFacts;
import io.whygate.diagnostics.facts.WireFacts.Spot;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/// Gathers, once an answer failed, what the TLS of its connection still shows: protocol, cipher and
/// the certificates of the server.
public final class SessionFacts {
  private static final int MOST_CERTIFICATES = 8;

  private SessionFacts() {}

  /// What the wire showed of an answer that failed.
  ///
  /// @param spoken the protocol, by its name in ALPN
  /// @param spot the byte that broke the rules
  public static WireFacts of(Channel channel, String spoken, Spot spot) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls == null) {
      return new WireFacts(List.of(), "", "", spoken, spot);
    }
    SSLSession session = tls.engine().getSession();
    return new WireFacts(
        chain(session), session.getProtocol(), session.getCipherSuite(), spoken, spot);
  }

  /// The server's own certificate; empty where it showed none.
  public static Optional<X509Certificate> leaf(SSLSession session) {
    try {
      return session.getPeerCertificates()[0] instanceof X509Certificate leaf
          ? Optional.of(leaf)
          : Optional.empty();
    } catch (SSLPeerUnverifiedException _) {
      return Optional.empty();
    }
  }

  private static List<byte[]> chain(SSLSession session) {
    List<byte[]> chain = new ArrayList<>();
    try {
      for (Certificate each : session.getPeerCertificates()) {
        if (chain.size() < MOST_CERTIFICATES) {
          chain.add(each.getEncoded());
        }
      }
    } catch (SSLPeerUnverifiedException | CertificateEncodingException _) {
      return List.copyOf(chain);
    }
    return chain;
  }
}
