package io.whygate.gateway.proxyprotocol;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.whygate.gateway.proxyprotocol.ProxyHeader.Incomplete;
import io.whygate.gateway.proxyprotocol.ProxyHeader.Malformed;
import io.whygate.gateway.proxyprotocol.ProxyHeader.Reading;
import io.whygate.gateway.proxyprotocol.ProxyHeader.Whole;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A header of version 1: a line of text.
final class TextHeader {
  private static final byte[] SIGNATURE = "PROXY ".getBytes(US_ASCII);

  /// The longest line, its CR LF included.
  private static final int MOST = 107;

  private static final int FIELDS = 6;
  private static final int MAX_PORT = 65_535;

  private TextHeader() {}

  static Reading read(ByteBuf in) {
    if (!ProxyHeader.begins(in, SIGNATURE)) {
      return new Malformed("it begins with something else");
    }
    int start = in.readerIndex();
    int known = Math.min(in.readableBytes(), MOST);
    for (int i = 0; i < known; i++) {
      byte each = in.getByte(start + i);
      if (each == '\n' && i > 0 && in.getByte(start + i - 1) == '\r') {
        String line = in.toString(start, i - 1, US_ASCII);
        in.skipBytes(i + 1);
        return parse(line);
      }
      boolean endsLine = each == '\r' && (i + 1 == known || in.getByte(start + i + 1) == '\n');
      if ((each < ' ' || each > '~') && !endsLine) {
        return new Malformed("a character that no line of version 1 has");
      }
    }
    return known < MOST
        ? Incomplete.INSTANCE
        : new Malformed("a line of more than " + MOST + " bytes");
  }

  private static Reading parse(String line) {
    String rest = line.substring(SIGNATURE.length);
    if (rest.equals("UNKNOWN") || rest.startsWith("UNKNOWN ")) {
      return new Whole(ProxyHeader.OWN);
    }
    String[] fields = line.split(" ", -1);
    boolean v4 = fields[1].equals("TCP4");
    if (!v4 && !fields[1].equals("TCP6")) {
      return new Malformed("neither TCP4 nor TCP6 nor UNKNOWN");
    }
    if (fields.length != FIELDS) {
      return new Malformed(fields.length + " fields instead of " + FIELDS);
    }
    InetSocketAddress source = address(fields[2], fields[4], v4);
    InetSocketAddress destination = address(fields[3], fields[5], v4);
    return source == null || destination == null
        ? new Malformed("an address or a port that is none of its family")
        : new Whole(
            new ProxyHeader(Optional.of(new Ends(source, destination)), false, "", List.of()));
  }

  private static @Nullable InetSocketAddress address(String host, String port, boolean v4) {
    InetAddress address = v4 ? ipv4(host) : ipv6(host);
    int number = port(port);
    return address == null || number < 0 ? null : new InetSocketAddress(address, number);
  }

  /// Four numbers without leading zeros: what else the JDK takes for an address, it writes
  /// otherwise.
  private static @Nullable InetAddress ipv4(String text) {
    try {
      InetAddress address = Inet4Address.ofLiteral(text);
      return address.getHostAddress().equals(text) ? address : null;
    } catch (IllegalArgumentException _) {
      return null;
    }
  }

  private static @Nullable InetAddress ipv6(String text) {
    boolean plain =
        text.indexOf(':') >= 0
            && text.chars().allMatch(c -> c == ':' || c == '.' || Character.digit(c, 16) >= 0);
    try {
      return plain ? InetAddress.ofLiteral(text) : null;
    } catch (IllegalArgumentException _) {
      return null;
    }
  }

  private static int port(String text) {
    boolean digits =
        !text.isEmpty()
            && text.length() <= 5
            && text.chars().allMatch(c -> c >= '0' && c <= '9')
            && (text.length() == 1 || text.charAt(0) != '0');
    int number = digits ? Integer.parseInt(text) : -1;
    return number <= MAX_PORT ? number : -1;
  }
}
