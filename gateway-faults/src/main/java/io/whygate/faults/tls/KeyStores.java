package io.whygate.faults.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;

/// The key stores that the JDK's TLS reads, held in memory only.
final class KeyStores {
  /// The password of every store here; nothing is kept secret by it.
  static final char[] PASSWORD = "whygate".toCharArray();

  private KeyStores() {}

  static KeyStore empty() throws GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try {
      store.load(null, PASSWORD);
    } catch (IOException e) {
      throw new AssertionError("an empty store is read from nowhere", e);
    }
    return store;
  }
}
