package io.whygate.gateway.listener;

import io.netty.channel.Channel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.DomainWildcardMappingBuilder;
import io.netty.util.Mapping;
import io.whygate.gateway.config.ListenerSettings;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLException;

/// TLS towards clients: the certificate that fits the name they ask for, the first one where none
/// does. TLS 1.2 and 1.3.
final class ServerTls {
  private static final int DNS_NAME = 2;

  private final Mapping<String, SslContext> byName;
  private final List<String> protocols;

  /// @param http2 whether HTTP/2 is spoken where the client can
  /// @throws IllegalArgumentException where a certificate cannot be used
  ServerTls(ListenerSettings.Tls settings, boolean http2) {
    List<ListenerSettings.KeyPair> certificates = settings.certificates();
    protocols =
        http2
            ? List.of(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1)
            : List.of(ApplicationProtocolNames.HTTP_1_1);
    SslContext standard = context(certificates.getFirst());
    DomainWildcardMappingBuilder<SslContext> names = new DomainWildcardMappingBuilder<>(standard);
    for (int i = certificates.size() - 1; i >= 0; i--) {
      ListenerSettings.KeyPair each = certificates.get(i);
      SslContext context = i == 0 ? standard : context(each);
      namesOf(each.chain().getFirst()).forEach(name -> names.add(name, context));
    }
    byName = names.build();
  }

  private SslContext context(ListenerSettings.KeyPair pair) {
    try {
      return SslContextBuilder.forServer(pair.key(), pair.chain().toArray(X509Certificate[]::new))
          .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
          .protocols("TLSv1.3", "TLSv1.2")
          .applicationProtocolConfig(
              new ApplicationProtocolConfig(
                  ApplicationProtocolConfig.Protocol.ALPN,
                  ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                  ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                  protocols))
          .build();
    } catch (SSLException e) {
      throw new IllegalArgumentException("certificate: " + e.getMessage(), e);
    }
  }

  private static List<String> namesOf(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      if (names == null) {
        return List.of();
      }
      return names.stream()
          .filter(each -> each.getFirst() instanceof Integer kind && kind == DNS_NAME)
          .map(each -> String.valueOf(each.get(1)).toLowerCase(Locale.ROOT))
          .distinct()
          .toList();
    } catch (CertificateParsingException e) {
      return List.of();
    }
  }

  /// Makes a connection speak TLS.
  void secure(Channel channel, Duration handshakeTimeout) {
    channel.pipeline().addLast(new Greeting(byName, protocols, handshakeTimeout));
  }
}
