package io.whygate.gateway.posting;

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
import javax.net.ssl.TrustManagerFactory;

/// Whose certificates are trusted, and which one is shown.
///
/// @param trusted what the configuration names; none for the system's
/// @param shown to a server that asks for one
public record Trust(List<X509Certificate> trusted, Optional<KeyPair> shown) {
  private static final char[] NO_PASSWORD = new char[0];

  public Trust {
    trusted = List.copyOf(trusted);
  }

  public Trust(List<X509Certificate> trusted) {
    this(trusted, Optional.empty());
  }

  public SSLContext context() {
    try {
      if (trusted.isEmpty() && shown.isEmpty()) {
        return SSLContext.getDefault();
      }
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          shown.isEmpty() ? null : keys(shown.get()).getKeyManagers(),
          trusted.isEmpty() ? null : verifiers().getTrustManagers(),
          null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("trusted-certificates: " + e.getMessage(), e);
    }
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
}
