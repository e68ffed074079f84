package io.whygate.gateway.acme;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.whygate.gateway.config.ListenerSettings.KeyPair;
import io.whygate.gateway.http.RequestHead;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// The proofs that an authority is about to ask for: as many as names of orders under way, and gone
/// with them. Read by event loops, written by whoever orders.
public final class PendingChallenges {
  /// The protocol by ALPN in whose handshakes certificates are the proof (RFC 8737).
  public static final String TLS_PROTOCOL = "acme-tls/1";

  private static final byte[] PATH = "/.well-known/acme-challenge/".getBytes(US_ASCII);
  private static final int LONGEST_TOKEN = 256;

  /// Orders of names that overlap may be given the same token: what one takes back is its own.
  private final Map<String, List<byte[]>> byToken = new ConcurrentHashMap<>();

  private final Map<String, List<SslContext>> byName = new ConcurrentHashMap<>();

  /// Takes a proof back.
  @FunctionalInterface
  public interface Removal extends AutoCloseable {
    @Override
    void close();
  }

  /// Proves by HTTP-01 (RFC 8555 section 8.3).
  ///
  /// @param proof the key authorization
  public Removal proveOverHttp(String token, String proof) {
    return put(byToken, token, proof.getBytes(US_ASCII));
  }

  /// Proves by TLS-ALPN-01 (RFC 8737).
  ///
  /// @throws IllegalArgumentException where the certificate cannot be used
  public Removal proveOverTls(String name, KeyPair proof) {
    return put(byName, name.toLowerCase(Locale.ROOT), context(proof));
  }

  private synchronized <T> Removal put(Map<String, List<T>> proofs, String key, T own) {
    List<T> all = new ArrayList<>(proofs.getOrDefault(key, List.of()));
    all.add(own);
    proofs.put(key, List.copyOf(all));
    return () -> remove(proofs, key, own);
  }

  private synchronized <T> void remove(Map<String, List<T>> proofs, String key, T own) {
    List<T> rest = new ArrayList<>(proofs.getOrDefault(key, List.of()));
    rest.remove(own);
    if (rest.isEmpty()) {
      proofs.remove(key);
    } else {
      proofs.put(key, List.copyOf(rest));
    }
  }

  private static <T> @Nullable T newest(Map<String, List<T>> proofs, String key) {
    List<T> all = proofs.get(key);
    return all == null ? null : all.getLast();
  }

  private static SslContext context(KeyPair proof) {
    try {
      return SslContextBuilder.forServer(proof.key(), proof.chain().toArray(X509Certificate[]::new))
          .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
          .protocols("TLSv1.3", "TLSv1.2")
          .applicationProtocolConfig(
              new ApplicationProtocolConfig(
                  ApplicationProtocolConfig.Protocol.ALPN,
                  ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                  ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                  TLS_PROTOCOL))
          .build();
    } catch (SSLException e) {
      throw new IllegalArgumentException("proof: " + e.getMessage(), e);
    }
  }

  /// What serves a handshake that asks for the proof of a name; null where none is pending.
  public @Nullable SslContext overTls(@Nullable String name) {
    return name == null ? null : newest(byName, name.toLowerCase(Locale.ROOT));
  }

  /// The proof that a request asks for, not to be changed; null where it asks for none that is
  /// pending.
  public byte @Nullable [] overHttp(RequestHead request) {
    if (byToken.isEmpty()) {
      return null;
    }
    int length = request.pathEnd() - request.pathStart() - PATH.length;
    byte[] bytes = request.fields().bytes();
    if (length <= 0 || length > LONGEST_TOKEN) {
      return null;
    }
    for (int i = 0; i < PATH.length; i++) {
      if (bytes[request.pathStart() + i] != PATH[i]) {
        return null;
      }
    }
    return newest(byToken, new String(bytes, request.pathStart() + PATH.length, length, US_ASCII));
  }
}
