package io.whygate.gateway.proxyprotocol;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.ssl.SslHandler;
import io.whygate.gateway.config.UpstreamSettings.ProxyProtocolField;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/// Writes what a header of version 2 tells of a client besides its addresses, of the client's own
/// connection where it speaks TLS to the gateway, else as its front said it.
final class ToldFields {
  private static final int NOTHING = 0x04;
  private static final int SSL_VERSION = 0x21;
  private static final int SSL_COMMON_NAME = 0x22;
  private static final int SSL_SUITE = 0x23;
  private static final int CERTIFICATE_ON_CONNECTION = 0x02;
  private static final int CERTIFICATE_IN_SESSION = 0x04;

  /// A header has a length of two bytes.
  private static final int MOST = 65_535;

  /// What the fields that the gateway itself tells take at most, and its checksum.
  private static final int OWN_MOST = 2_048;

  private static final int MOST_OF_TEXT = 255;

  private final Set<ProxyProtocolField> wanted;
  private final Channel channel;
  private final @Nullable SSLEngine engine;
  private final List<ProxyHeader.Field> said;

  ToldFields(Set<ProxyProtocolField> wanted, Channel channel) {
    this.wanted = wanted;
    this.channel = channel;
    this.engine = engine(channel);
    ProxyHeader header = channel.attr(ProxyHeader.SAID).get();
    this.said = header == null ? List.of() : header.fields();
  }

  private static @Nullable SSLEngine engine(Channel channel) {
    if (channel instanceof QuicChannel quic) {
      return quic.sslEngine();
    }
    SslHandler handler = channel.pipeline().get(SslHandler.class);
    return handler == null ? null : handler.engine();
  }

  /// Writes them behind the addresses, and corrects the header's length.
  ///
  /// @param start where the header begins
  /// @param id of the request that the connection is made for; may be empty
  void write(ByteBuf out, int start, String id) {
    if (wants(ProxyProtocolField.ALPN)) {
      text(out, Extensions.ALPN, engine == null ? "" : notNull(engine.getApplicationProtocol()));
    }
    if (wants(ProxyProtocolField.AUTHORITY)) {
      text(out, Extensions.AUTHORITY, name());
    }
    if (wants(ProxyProtocolField.SSL) && engine != null) {
      ssl(out, engine.getSession());
    }
    if (wants(ProxyProtocolField.UNIQUE_ID)) {
      uniqueId(out, id);
    }
    if (wants(ProxyProtocolField.RECEIVED)) {
      said.stream().filter(this::isPassedOn).forEach(each -> passOn(out, start, each));
    }
    boolean sums = wants(ProxyProtocolField.CRC32C);
    int sum = out.writerIndex() + 3;
    if (sums) {
      field(out, Extensions.CHECKSUM, new byte[Integer.BYTES]);
    }
    out.setShort(
        start + BinaryHeader.FIXED - Short.BYTES, out.writerIndex() - start - BinaryHeader.FIXED);
    if (sums) {
      CRC32C crc = new CRC32C();
      crc.update(out.nioBuffer(start, out.writerIndex() - start));
      out.setInt(sum, (int) crc.getValue());
    }
  }

  /// What a front called the client's connection, else the request's id.
  private void uniqueId(ByteBuf out, String id) {
    List<ProxyHeader.Field> fronts =
        said.stream().filter(each -> each.type() == Extensions.UNIQUE_ID).toList();
    fronts.forEach(each -> field(out, each.type(), each.value()));
    if (fronts.isEmpty() && id.getBytes(StandardCharsets.UTF_8).length <= Extensions.MOST_OF_ID) {
      text(out, Extensions.UNIQUE_ID, id);
    }
  }

  private boolean wants(ProxyProtocolField field) {
    return wanted.contains(field);
  }

  /// What is told by the gateway itself is not told twice; a checksum is of another header.
  private boolean isPassedOn(ProxyHeader.Field field) {
    return switch (field.type()) {
      case NOTHING, Extensions.CHECKSUM -> false;
      case Extensions.ALPN -> engine == null || !wants(ProxyProtocolField.ALPN);
      case Extensions.AUTHORITY -> name().isEmpty() || !wants(ProxyProtocolField.AUTHORITY);
      case Extensions.SSL -> engine == null || !wants(ProxyProtocolField.SSL);
      case Extensions.UNIQUE_ID -> !wants(ProxyProtocolField.UNIQUE_ID);
      default -> true;
    };
  }

  private static void passOn(ByteBuf out, int start, ProxyHeader.Field field) {
    if (out.writerIndex() - start + field.value().length + OWN_MOST <= MOST) {
      field(out, field.type(), field.value());
    }
  }

  /// The name that the client asked for by SNI; empty for none, and for what no name can be.
  private String name() {
    String name = notNull(channel.attr(Announcement.NAME).get());
    return name.chars().allMatch(each -> each > ' ' && each <= '~') ? name : "";
  }

  private static void ssl(ByteBuf out, SSLSession session) {
    String commonName = "";
    int client = Extensions.CLIENT_SSL;
    boolean verified = false;
    try {
      Certificate[] chain = session.getPeerCertificates();
      if (chain.length > 0 && chain[0] instanceof X509Certificate leaf) {
        // What was not verified ended the handshake.
        client |= CERTIFICATE_ON_CONNECTION | CERTIFICATE_IN_SESSION;
        verified = true;
        commonName = commonNameOf(leaf);
      }
    } catch (SSLPeerUnverifiedException _) {
      // It showed none.
    }
    out.writeByte(Extensions.SSL);
    int length = out.writerIndex();
    out.writeShort(0).writeByte(client).writeInt(verified ? 0 : 1);
    text(out, SSL_VERSION, session.getProtocol());
    text(out, SSL_SUITE, session.getCipherSuite());
    text(out, SSL_COMMON_NAME, commonName);
    out.setShort(length, out.writerIndex() - length - Short.BYTES);
  }

  private static String commonNameOf(X509Certificate certificate) {
    try {
      return new LdapName(certificate.getSubjectX500Principal().getName())
          .getRdns().stream()
              .filter(each -> each.getType().equalsIgnoreCase("CN"))
              .reduce((_, last) -> last)
              .map(each -> String.valueOf(each.getValue()))
              .orElse("");
    } catch (InvalidNameException _) {
      return "";
    }
  }

  private static void text(ByteBuf out, int type, String text) {
    byte[] value = text.getBytes(StandardCharsets.UTF_8);
    if (value.length > 0 && value.length <= MOST_OF_TEXT) {
      field(out, type, value);
    }
  }

  private static void field(ByteBuf out, int type, byte[] value) {
    out.writeByte(type).writeShort(value.length).writeBytes(value);
  }

  private static String notNull(@Nullable String text) {
    return text == null ? "" : text;
  }
}
