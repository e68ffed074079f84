package io.whygate.gateway.connection.tls;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ReferenceCountUtil;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.gateway.config.UpstreamSettings;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// TLS towards endpoints, one context for each way that upstreams are configured; sessions are
/// resumed within a context.
///
/// Shared by all threads. A context that is neither prepared nor in use is collected.
public final class TlsContexts {
  private final Cache<Offer, SslContext> contexts = Caffeine.newBuilder().weakValues().build();

  /// Held so that they are not collected.
  @SuppressWarnings("UnusedVariable")
  private volatile List<SslContext> prepared = List.of();

  private final Consumer<List<X509Certificate>> accepted;

  /// What is offered to a server.
  ///
  /// @param protocol what TLS may agree on
  private record Offer(UpstreamSettings.Tls tls, UpstreamFacts.Protocol protocol) {}

  /// @param accepted hears of each chain that a server showed and that was accepted, leaf first;
  ///   called while a handshake waits
  public TlsContexts(Consumer<List<X509Certificate>> accepted) {
    this.accepted = accepted;
  }

  /// Builds the contexts that these upstreams need, and keeps them: no dial has to wait for one.
  /// Blocks, since trust stores are read: never on an event loop.
  ///
  /// @throws IllegalArgumentException where a certificate or key cannot be used
  public void prepare(Collection<UpstreamSettings> upstreams) {
    List<SslContext> wanted = new ArrayList<>();
    for (UpstreamSettings each : upstreams) {
      if (each.endpoints().stream().anyMatch(Endpoint::isTls)) {
        wanted.add(of(each.tls(), each.protocol()));
      }
    }
    // The first engine loads and starts the TLS library, which takes longer than a handshake.
    wanted.forEach(
        each -> ReferenceCountUtil.release(each.newEngine(UnpooledByteBufAllocator.DEFAULT)));
    prepared = List.copyOf(wanted);
  }

  /// The context for the settings; built where it was not prepared.
  public SslContext of(UpstreamSettings.Tls settings, UpstreamFacts.Protocol protocol) {
    return contexts.get(new Offer(settings, protocol), this::build);
  }

  private SslContext build(Offer offer) {
    UpstreamSettings.Tls settings = offer.tls();
    try {
      SslContextBuilder builder =
          SslContextBuilder.forClient()
              .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
              .applicationProtocolConfig(
                  new ApplicationProtocolConfig(
                      ApplicationProtocolConfig.Protocol.ALPN,
                      ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                      ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                      offer.protocol().offered()));
      if (settings.verify()) {
        builder
            .endpointIdentificationAlgorithm("HTTPS")
            .trustManager(new ChainKeeper(verifier(settings.trusted()), accepted));
      } else {
        builder
            .endpointIdentificationAlgorithm("")
            .trustManager(InsecureTrustManagerFactory.INSTANCE);
      }
      settings
          .client()
          .ifPresent(client ->
              builder.keyManager(client.key(), client.chain().toArray(X509Certificate[]::new)));
      return builder.build();
    } catch (SSLException e) {
      throw new IllegalArgumentException("tls: " + e.getMessage(), e);
    }
  }

  private static X509ExtendedTrustManager verifier(List<X509Certificate> trusted) {
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(trusted.isEmpty() ? null : keyStore(trusted));
      for (TrustManager each : factory.getTrustManagers()) {
        if (each instanceof X509ExtendedTrustManager verifier) {
          return verifier;
        }
      }
      throw new IllegalStateException("trust manager: none (expected: one for X.509)");
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException("trusted-certificates: " + e.getMessage(), e);
    }
  }

  private static @Nullable KeyStore keyStore(List<X509Certificate> trusted)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    for (int i = 0; i < trusted.size(); i++) {
      store.setCertificateEntry("trusted-" + i, trusted.get(i));
    }
    return store;
  }
}
