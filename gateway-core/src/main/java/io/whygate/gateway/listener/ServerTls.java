package io.whygate.gateway.listener;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.Mapping;
import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.config.ListenerSettings.KeyPair;
import io.whygate.gateway.listener.client.CertificateNames;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// TLS towards clients: the certificate that fits the name they ask for and the keys that they
/// take, the first one where none does. TLS 1.2 and 1.3, with suites that keep what was said secret
/// even once a key is lost.
final class ServerTls {
  private static final List<String> CIPHERS =
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  /// The first one withstands quantum computers.
  private static final String[] GROUPS = {"X25519MLKEM768", "x25519", "secp256r1", "secp384r1"};

  private final Mapping<String, SslContext> forAnyKey;
  private final Mapping<String, SslContext> forOtherKeys;
  private final List<String> protocols;
  private final TicketKeys tickets;
  private final Map<SslContext, X509Certificate> leaves = new HashMap<>();

  /// @param http2 whether HTTP/2 is spoken where the client can
  /// @param tickets the keys that seal session tickets
  /// @throws IllegalArgumentException where a certificate cannot be used
  ServerTls(ListenerSettings.Tls settings, boolean http2, TicketKeys tickets) {
    this.tickets = tickets;
    protocols =
        http2
            ? List.of(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1)
            : List.of(ApplicationProtocolNames.HTTP_1_1);
    Map<KeyPair, SslContext> contexts = new LinkedHashMap<>();
    settings
        .certificates()
        .forEach(each -> contexts.computeIfAbsent(each, pair -> context(pair, settings)));
    contexts.forEach((pair, context) -> leaves.put(context, pair.chain().getFirst()));
    seal(tickets.current());
    forAnyKey = CertificateNames.mapping(contexts, true);
    forOtherKeys = CertificateNames.mapping(contexts, false);
  }

  /// What serves a client.
  ///
  /// @param name that it asks for; null where it asks for none
  /// @param ecdsa whether it takes keys on elliptic curves
  SslContext context(@Nullable String name, boolean ecdsa) {
    return (ecdsa ? forAnyKey : forOtherKeys).map(name);
  }

  /// The certificate of what [#context] gave.
  X509Certificate certificate(SslContext context) {
    return Objects.requireNonNull(leaves.get(context));
  }

  private SslContext context(KeyPair pair, ListenerSettings.Tls settings) {
    ListenerSettings.ClientCertificates clients = settings.clientCertificates();
    boolean openSsl = OpenSsl.isAvailable();
    try {
      SslContextBuilder builder =
          SslContextBuilder.forServer(pair.key(), pair.chain().toArray(X509Certificate[]::new))
              .sslProvider(openSsl ? SslProvider.OPENSSL : SslProvider.JDK)
              .protocols("TLSv1.3", "TLSv1.2")
              .ciphers(CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
              .applicationProtocolConfig(
                  new ApplicationProtocolConfig(
                      ApplicationProtocolConfig.Protocol.ALPN,
                      ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                      ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                      protocols));
      if (clients.verify() != ListenerSettings.ClientCertificates.Verify.NONE) {
        builder
            .trustManager(clients.trusted().toArray(X509Certificate[]::new))
            .clientAuth(
                clients.verify() == ListenerSettings.ClientCertificates.Verify.REQUIRED
                    ? ClientAuth.REQUIRE
                    : ClientAuth.OPTIONAL);
      }
      if (openSsl) {
        builder.option(OpenSslContextOption.GROUPS, GROUPS).enableOcsp(OpenSsl.isOcspSupported());
      }
      return builder.build();
    } catch (SSLException e) {
      throw new IllegalArgumentException("certificate: " + e.getMessage(), e);
    }
  }

  TicketKeys tickets() {
    return tickets;
  }

  /// Seals session tickets with these keys from now on.
  void seal(OpenSslSessionTicketKey[] keys) {
    for (SslContext each : leaves.keySet()) {
      if (each.sessionContext() instanceof OpenSslSessionContext sessions) {
        sessions.setTicketKeys(keys);
      }
    }
  }

  /// What is spoken over it, by ALPN.
  List<String> protocols() {
    return protocols;
  }
}
