package io.whygate.gateway.listener.http3;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.quic.BoringSSLContextOption;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicSslEngine;
import io.netty.handler.codec.quic.SslSessionTicketKey;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import io.netty.util.Mapping;
import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.config.ListenerSettings.ClientCertificates.Verify;
import io.whygate.gateway.config.ListenerSettings.KeyPair;
import io.whygate.gateway.listener.client.CertificateNames;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// TLS 1.3 as QUIC carries it (RFC 9001): the same certificates, by the names that clients ask for,
/// and the same demands as over TCP. For all threads.
public final class QuicTls {
  private static final String PROTOCOL = "h3";

  /// The first one withstands quantum computers.
  private static final String[] GROUPS = {"X25519MLKEM768", "x25519", "P-256", "P-384"};

  private final byte[] ticketContext;
  private final QuicSslContext entrance;
  private final List<QuicSslContext> all;

  /// @param settings of a listener with TLS
  /// @param promised what clients are told of windows and streams: what a socket has holds as long
  ///   as it is open, whatever the settings say by then
  /// @throws IllegalArgumentException where a certificate cannot be used
  public QuicTls(
      ListenerSettings settings,
      ListenerSettings.Http3 promised,
      OpenSslSessionTicketKey[] tickets) {
    ListenerSettings.Tls tls = settings.tls().orElseThrow();
    boolean early = settings.http3().earlyData();
    this.ticketContext = ticketContext(settings, promised);
    Map<KeyPair, QuicSslContext> contexts = new LinkedHashMap<>();
    tls.certificates()
        .forEach(each ->
            contexts.computeIfAbsent(
                each, pair -> builder(pair, tls, builder -> builder.earlyData(early)).build()));
    Mapping<String, QuicSslContext> names = CertificateNames.mapping(contexts, true);
    QuicSslContext standard = names.map("");
    KeyPair first =
        contexts.entrySet().stream()
            .filter(each -> each.getValue().equals(standard))
            .map(Map.Entry::getKey)
            .findFirst()
            .orElseThrow();
    this.entrance = builder(first, tls, builder -> builder.earlyData(early).sni(names)).build();
    this.all = new ArrayList<>(contexts.values());
    all.add(entrance);
    seal(tickets);
  }

  private QuicSslContextBuilder builder(
      KeyPair pair,
      ListenerSettings.Tls tls,
      Function<QuicSslContextBuilder, QuicSslContextBuilder> more) {
    ListenerSettings.ClientCertificates clients = tls.clientCertificates();
    QuicSslContextBuilder builder =
        QuicSslContextBuilder.forServer(
                pair.key(), null, pair.chain().toArray(X509Certificate[]::new))
            .applicationProtocols(PROTOCOL)
            .option(BoringSSLContextOption.GROUPS, GROUPS);
    if (clients.verify() != Verify.NONE) {
      builder
          .trustManager(clients.trusted().toArray(X509Certificate[]::new))
          .clientAuth(
              clients.verify() == Verify.REQUIRED ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL);
    }
    return more.apply(builder);
  }

  QuicSslEngine newEngine(ByteBufAllocator allocator) {
    return entrance.newEngine(allocator);
  }

  /// Seals session tickets with these keys from now on; all of them open.
  public void seal(OpenSslSessionTicketKey[] keys) {
    SslSessionTicketKey[] own =
        Arrays.stream(keys)
            .map(each -> derived(each, ticketContext))
            .toArray(SslSessionTicketKey[]::new);
    for (QuicSslContext each : all) {
      each.sessionContext().setTicketKeys(own);
    }
  }

  /// What tells a session's ticket from others: not over TCP, and with early data by what its
  /// client was promised, as it may rely on that the next time (RFC 9000 section 7.4.1, RFC 9114
  /// section 7.2.4.2). Key files outlive the settings that were told.
  private static byte[] ticketContext(ListenerSettings settings, ListenerSettings.Http3 told) {
    String promised =
        settings.http3().earlyData()
            ? " %d %d %d %d %s %s"
                .formatted(
                    told.maxStreams(),
                    told.streamWindow(),
                    told.connectionWindow(),
                    told.activeConnectionIds(),
                    settings.limits().requestLine(),
                    settings.limits().headerSize())
            : "";
    return (PROTOCOL + promised).getBytes(StandardCharsets.US_ASCII);
  }

  private static SslSessionTicketKey derived(OpenSslSessionTicketKey key, byte[] context) {
    return new SslSessionTicketKey(
        derived(key.name(), context),
        derived(key.hmacKey(), context),
        derived(key.aesKey(), context));
  }

  private static byte[] derived(byte[] secret, byte[] context) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      return Objects.requireNonNull(Arrays.copyOf(mac.doFinal(context), 16));
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK has HmacSHA256", e);
    }
  }
}
