package io.whygate.gateway.replay;

import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.Symptom;
import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.trust.Trust;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

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
    } catch (IllegalStateException e) {
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

  private SSLContext context() {
    Trust trust = new Trust(trusted, client);
    return verify ? trust.context() : trust.unverified();
  }
}
