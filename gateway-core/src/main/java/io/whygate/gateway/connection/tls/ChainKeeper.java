package io.whygate.gateway.connection.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/// Verifies as another trust manager does, keeps the chain that it rejects, and tells of those that
/// it accepts.
final class ChainKeeper extends X509ExtendedTrustManager {
  private final X509ExtendedTrustManager verifier;
  private final Consumer<List<X509Certificate>> accepted;

  /// @param accepted hears of each chain that is accepted, leaf first
  ChainKeeper(X509ExtendedTrustManager verifier, Consumer<List<X509Certificate>> accepted) {
    this.verifier = verifier;
    this.accepted = accepted;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    try {
      verifier.checkServerTrusted(chain, authType, engine);
      accepted.accept(List.of(chain));
    } catch (CertificateException e) {
      throw new CertificateRejected(chain, e);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    verifier.checkServerTrusted(chain, authType, socket);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    verifier.checkServerTrusted(chain, authType);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    verifier.checkClientTrusted(chain, authType, socket);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    verifier.checkClientTrusted(chain, authType, engine);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    verifier.checkClientTrusted(chain, authType);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return verifier.getAcceptedIssuers();
  }
}
