package io.whygate.gateway.proxyprotocol;

import io.netty.buffer.ByteBuf;
import io.netty.util.AttributeKey;
import io.whygate.diagnostics.facts.UpstreamFacts.ProxyProtocol;
import io.whygate.gateway.config.UpstreamSettings.ProxyProtocolField;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The header by which the gateway says at the start of a connection whose it is.
public final class Announcement {
  /// The longest one without further fields, bytes.
  public static final int MOST = 107;

  /// The name that a client asked for by SNI, at its channel, whether its TLS ends here or is
  /// passed on: as it came, in lower case; a client may write anything there.
  public static final AttributeKey<String> NAME = AttributeKey.valueOf(Announcement.class, "NAME");

  private static final int MAPPED_PREFIX = 10;

  private Announcement() {}

  /// Writes it.
  ///
  /// @param fields what one of version 2 tells besides the addresses
  /// @param client null where the connection is the gateway's own
  /// @param id of the request that the connection is made for; empty for none
  public static void write(
      ByteBuf out,
      ProxyProtocol version,
      Set<ProxyProtocolField> fields,
      @Nullable ClientConnection client,
      String id) {
    if (client == null
        || !(client.ends().source() instanceof InetSocketAddress source)
        || !(client.ends().destination() instanceof InetSocketAddress destination)) {
      out.writeBytes(version.own());
      return;
    }
    switch (version) {
      case NONE -> {}
      case V1 -> text(out, source, destination);
      case V2 -> {
        int start = out.writerIndex();
        binary(out, source, destination);
        if (!fields.isEmpty()) {
          new ToldFields(fields, client.channel()).write(out, start, id);
        }
      }
    }
  }

  private static void text(ByteBuf out, InetSocketAddress source, InetSocketAddress destination) {
    boolean v4 = isV4(source, destination);
    String line =
        (v4 ? "PROXY TCP4 " : "PROXY TCP6 ")
            + literal(source.getAddress(), v4)
            + ' '
            + literal(destination.getAddress(), v4)
            + ' '
            + source.getPort()
            + ' '
            + destination.getPort()
            + "\r\n";
    out.writeCharSequence(line, StandardCharsets.US_ASCII);
  }

  private static void binary(ByteBuf out, InetSocketAddress source, InetSocketAddress destination) {
    boolean v4 = isV4(source, destination);
    byte[] from = bytes(source.getAddress(), v4);
    byte[] to = bytes(destination.getAddress(), v4);
    out.writeBytes(BinaryHeader.SIGNATURE)
        .writeByte(BinaryHeader.PROXY)
        .writeByte(v4 ? BinaryHeader.TCP4 : BinaryHeader.TCP6)
        .writeShort(from.length + to.length + 2 * Short.BYTES)
        .writeBytes(from)
        .writeBytes(to)
        .writeShort(source.getPort())
        .writeShort(destination.getPort());
  }

  private static boolean isV4(InetSocketAddress source, InetSocketAddress destination) {
    return source.getAddress() instanceof Inet4Address
        && destination.getAddress() instanceof Inet4Address;
  }

  /// Where one end has an address of IPv4 and the other one of IPv6, the former is mapped.
  private static byte[] bytes(InetAddress address, boolean v4) {
    byte[] bytes = address.getAddress();
    if (v4 || bytes.length == 16) {
      return bytes;
    }
    byte[] mapped = new byte[16];
    mapped[MAPPED_PREFIX] = (byte) 0xFF;
    mapped[MAPPED_PREFIX + 1] = (byte) 0xFF;
    System.arraycopy(bytes, 0, mapped, MAPPED_PREFIX + 2, bytes.length);
    return mapped;
  }

  private static String literal(InetAddress address, boolean v4) {
    String text = address.getHostAddress();
    if (!v4 && address instanceof Inet4Address) {
      return "::ffff:" + text;
    }
    int scope = text.indexOf('%');
    return scope < 0 ? text : text.substring(0, scope);
  }
}
