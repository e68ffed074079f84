package io.whygate.gateway.replay;

import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.Symptom;
import io.whygate.gateway.config.ListenerSettings;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// Makes a TLS handshake as the gateway would.
///
/// @param name the name that is sent and verified
/// @param trusted the certificates that are trusted; empty for the system's
/// @param verify whether the server's certificate has to be good
/// @param client what is shown where the server asks for a certificate
/// @param protocols what is offered by ALPN, the preferred one first
record TlsGreeting(
    String name,
    List<X509Certificate> trusted,
    boolean verify,
    Optional<ListenerSettings.KeyPair> client,
    List<String> protocols) {
  private static final char[] NO_PASSWORD = {};

  /// @return the connection, its handshake complete
  SSLSocket greet(Socket socket, int port, Duration limit) throws IOException, Breaking {
    SSLSocket secured = null;
    try {
      secured = (SSLSocket) context().getSocketFactory().createSocket(socket, name, port, true);
      SSLParameters parameters = secured.getSSLParameters();
      parameters.setApplicationProtocols(protocols.toArray(String[]::new));
      if (verify) {
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
      }
      secured.setSSLParameters(parameters);
      secured.setSoTimeout(Math.clamp(limit.toMillis(), 1, Integer.MAX_VALUE));
      secured.startHandshake();
      return secured;
    } catch (SocketTimeoutException e) {
      throw broken(Symptom.TLS_TIMEOUT, "nothing for " + limit.toMillis() + " ms", e);
    } catch (SSLException e) {
      throw broken(Symptom.TLS_FAILED, words(e), e);
    } catch (EOFException e) {
      throw broken(Symptom.TLS_FAILED, "closed by the server", e);
    } catch (IOException e) {
      throw broken(Symptom.TLS_FAILED, String.valueOf(e.getMessage()), e);
    } catch (GeneralSecurityException e) {
      throw new IOException("TLS cannot be set up here: " + e.getMessage(), e);
    }
  }

  private static Breaking broken(Symptom symptom, String words, Exception why) {
    Breaking breaking = new Breaking(Phase.TLS_HANDSHAKE, symptom, words);
    breaking.initCause(why);
    return breaking;
  }

  /// The innermost words: those around them repeat them.
  static String words(SSLException failure) {
    Throwable inner = failure;
    while (inner.getCause() != null) {
      inner = inner.getCause();
    }
    return String.valueOf(inner.getMessage());
  }

  private SSLContext context() throws GeneralSecurityException, IOException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys(), verify ? managers() : new TrustManager[] {new Trusting()}, null);
    return context;
  }

  private KeyManager @Nullable [] keys() throws GeneralSecurityException, IOException {
    if (client.isEmpty()) {
      return null;
    }
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setKeyEntry(
        "own",
        client.get().key(),
        NO_PASSWORD,
        client.get().chain().toArray(X509Certificate[]::new));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, NO_PASSWORD);
    return factory.getKeyManagers();
  }

  private TrustManager @Nullable [] managers() throws GeneralSecurityException, IOException {
    if (trusted.isEmpty()) {
      return null;
    }
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    for (int i = 0; i < trusted.size(); i++) {
      store.setCertificateEntry("trusted-" + i, trusted.get(i));
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  /// Takes every certificate: the person at the terminal has said so.
  private static final class Trusting implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
