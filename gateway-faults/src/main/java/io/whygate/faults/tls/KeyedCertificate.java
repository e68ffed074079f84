package io.whygate.faults.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// A certificate with its private key and the chain that a server shows with it.
///
/// @param key the private key of the first certificate
/// @param chain the certificate first, then its issuers without the self-signed root
public record KeyedCertificate(PrivateKey key, List<X509Certificate> chain) {
  /// Copies the chain.
  public KeyedCertificate {
    chain = List.copyOf(chain);
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("chain: empty (expected: at least the certificate)");
    }
  }

  public X509Certificate certificate() {
    return chain.getFirst();
  }

  /// The DER form of the certificate, as an AIA address serves it.
  public byte[] der() {
    return Certificates.encoded(certificate());
  }

  /// The same identity showing nothing but its own certificate: an incomplete chain.
  public KeyedCertificate withoutIssuers() {
    return new KeyedCertificate(key, List.of(certificate()));
  }

  /// The chain as PEM, the way nginx and Netty want it.
  public String chainPem() {
    return Certificates.pem(chain);
  }

  /// The key as unencrypted PKCS#8 PEM.
  public String keyPem() {
    return Certificates.pemBlock("PRIVATE KEY", key.getEncoded());
  }

  /// Writes `NAME.pem` (the chain) and `NAME.key` (the key) and says where they are.
  public PemFiles writeTo(Path folder, String name) throws IOException {
    Path chainFile = folder.resolve(name + ".pem");
    Path keyFile = folder.resolve(name + ".key");
    Files.writeString(chainFile, chainPem(), StandardCharsets.US_ASCII);
    Files.writeString(keyFile, keyPem(), StandardCharsets.US_ASCII);
    return new PemFiles(chainFile, keyFile);
  }

  /// A PKCS#12 key store with this one entry; its password is `whygate`.
  public KeyStore keyStore() {
    try {
      KeyStore store = KeyStores.empty();
      store.setKeyEntry("identity", key, KeyStores.PASSWORD, chain.toArray(X509Certificate[]::new));
      return store;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("chain: does not fit the key", e);
    }
  }

  /// A context that shows this identity and trusts the given certificates, on either side.
  public SSLContext context(X509Certificate... trusted) {
    return Certificates.context(this, List.of(trusted));
  }

  KeyManager[] keyManagers() throws GeneralSecurityException {
    KeyManagerFactory factory = KeyManagerFactory.getInstance("SunX509");
    factory.init(keyStore(), KeyStores.PASSWORD);
    return factory.getKeyManagers();
  }

  /// Where the PEM files are.
  ///
  /// @param chain the certificate and its issuers
  /// @param key the PKCS#8 private key
  public record PemFiles(Path chain, Path key) {}
}
