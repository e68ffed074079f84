package io.whygate.gateway.proxyprotocol;

import io.netty.buffer.ByteBuf;
import io.whygate.gateway.proxyprotocol.ProxyHeader.Incomplete;
import io.whygate.gateway.proxyprotocol.ProxyHeader.Malformed;
import io.whygate.gateway.proxyprotocol.ProxyHeader.Reading;
import io.whygate.gateway.proxyprotocol.ProxyHeader.Whole;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/// A header of version 2: binary, with fields of type, length and value after the addresses.
final class BinaryHeader {
  static final byte[] SIGNATURE = {
    0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A
  };

  /// Up to the length of what follows, which is included.
  static final int FIXED = 16;

  /// How long the path of a Unix socket is.
  private static final int UNIX_PATH = 108;

  private static final Malformed TOO_SHORT = new Malformed("too short for its addresses");
  private static final int LOCAL = 0x20;
  static final int PROXY = 0x21;
  static final int TCP4 = 0x11;
  static final int TCP6 = 0x21;

  private BinaryHeader() {}

  static Reading read(ByteBuf in, int most) {
    if (!ProxyHeader.begins(in, SIGNATURE)) {
      return new Malformed("it begins with something else");
    }
    if (in.readableBytes() < FIXED) {
      return Incomplete.INSTANCE;
    }
    int start = in.readerIndex();
    int command = in.getUnsignedByte(start + SIGNATURE.length);
    if (command != LOCAL && command != PROXY) {
      return new Malformed("an unknown version or command");
    }
    int length = FIXED + in.getUnsignedShort(start + FIXED - 2);
    if (length > most) {
      return new Malformed("a header of more than " + most + " bytes");
    }
    if (in.readableBytes() < length) {
      return Incomplete.INSTANCE;
    }
    byte[] header = new byte[length];
    in.readBytes(header);
    return command == LOCAL ? new Whole(ProxyHeader.OWN) : parse(header);
  }

  private static Reading parse(byte[] header) {
    return switch (header[FIXED - 3]) {
      // Neither a family nor a transport: what follows is to be passed over.
      case 0x00 -> new Whole(ProxyHeader.OWN);
      // Each by TCP, and by UDP, as a front says whose client speaks HTTP/3.
      case TCP4, 0x12 -> internet(header, 4);
      case TCP6, 0x22 -> internet(header, 16);
      case 0x31, 0x32 -> with(header, new Ends(Ends.UNIX, Ends.UNIX), 2 * UNIX_PATH);
      default -> new Malformed("an unknown family or transport");
    };
  }

  private static Reading internet(byte[] header, int size) {
    int length = 2 * (size + Short.BYTES);
    if (header.length < FIXED + length) {
      return TOO_SHORT;
    }
    ByteBuffer ports = ByteBuffer.wrap(header, FIXED + 2 * size, 2 * Short.BYTES);
    InetSocketAddress source = address(header, FIXED, size, ports);
    InetSocketAddress destination = address(header, FIXED + size, size, ports);
    return with(header, new Ends(source, destination), length);
  }

  private static InetSocketAddress address(byte[] header, int at, int size, ByteBuffer ports) {
    try {
      return new InetSocketAddress(
          InetAddress.getByAddress(Arrays.copyOfRange(header, at, at + size)),
          Short.toUnsignedInt(ports.getShort()));
    } catch (UnknownHostException e) {
      throw new AssertionError("an address of " + size + " bytes", e);
    }
  }

  /// @param length of the addresses
  private static Reading with(byte[] header, Ends ends, int length) {
    if (header.length < FIXED + length) {
      return TOO_SHORT;
    }
    Extensions extensions = new Extensions(header);
    String problem = extensions.read(FIXED + length);
    return problem.isEmpty()
        ? new Whole(
            new ProxyHeader(
                Optional.of(ends), extensions.secure(), extensions.id(), extensions.fields()))
        : new Malformed(problem);
  }
}
