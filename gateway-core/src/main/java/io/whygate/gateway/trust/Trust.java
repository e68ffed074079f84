package io.whygate.gateway.trust;

import io.whygate.gateway.config.ListenerSettings.KeyPair;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// Whose certificates are trusted, and which one is shown.
///
/// @param trusted what the configuration names; none for the system's
/// @param shown to a peer that asks for one
public record Trust(List<X509Certificate> trusted, Optional<KeyPair> shown) {
  private static final char[] NO_PASSWORD = new char[0];

  public Trust {
    trusted = List.copyOf(trusted);
  }

  /// The system's certificates are trusted, and none is shown.
  public static Trust usual() {
    return new Trust(List.of());
  }

  public Trust(List<X509Certificate> trusted) {
    this(trusted, Optional.empty());
  }

  /// Believes the certificates that are trusted.
  ///
  /// @throws IllegalStateException if they or the key cannot be used
  public SSLContext context() {
    try {
      return trusted.isEmpty() && shown.isEmpty()
          ? SSLContext.getDefault()
          : context(trusted.isEmpty() ? null : verifiers().getTrustManagers());
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("trusted-certificates: " + e.getMessage(), e);
    }
  }

  /// Believes every certificate: for whoever said so, and for this machine's own gateway.
  ///
  /// @throws IllegalStateException if the key cannot be used
  public SSLContext unverified() {
    try {
      return context(new TrustManager[] {new Unverified()});
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("the key cannot be used: " + e.getMessage(), e);
    }
  }

  private SSLContext context(TrustManager @Nullable [] verifiers)
      throws GeneralSecurityException, IOException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(shown.isEmpty() ? null : keys(shown.get()).getKeyManagers(), verifiers, null);
    return context;
  }

  private TrustManagerFactory verifiers() throws GeneralSecurityException, IOException {
    KeyStore store = emptyStore();
    for (int i = 0; i < trusted.size(); i++) {
      store.setCertificateEntry("trusted-" + i, trusted.get(i));
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory;
  }

  private static KeyManagerFactory keys(KeyPair pair) throws GeneralSecurityException, IOException {
    KeyStore store = emptyStore();
    store.setKeyEntry("own", pair.key(), NO_PASSWORD, pair.chain().toArray(Certificate[]::new));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, NO_PASSWORD);
    return factory;
  }

  private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    return store;
  }

  /// Takes every certificate.
  private static final class Unverified implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
