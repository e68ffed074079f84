package io.whygate.gateway.proxyprotocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;

/// The fields of type, length and value of a header of version 2. Those that are known are held to
/// their form and come once; others are passed over.
final class Extensions {
  static final int ALPN = 0x01;
  static final int AUTHORITY = 0x02;
  static final int CHECKSUM = 0x03;
  static final int UNIQUE_ID = 0x05;
  static final int SSL = 0x20;

  /// The client spoke TLS to the front.
  static final int CLIENT_SSL = 0x01;

  /// Type and length.
  private static final int HEAD = 3;

  private static final int MOST_OF_ALPN = 255;
  static final int MOST_OF_ID = 128;

  /// The bits of the client, and a number that says whether its certificate was verified.
  private static final int LEAST_OF_SSL = 5;

  private final byte[] header;
  private long seen;
  private boolean secure;
  private String id = "";
  private final List<ProxyHeader.Field> fields = new ArrayList<>(0);

  /// @param header the whole header
  Extensions(byte[] header) {
    this.header = header;
  }

  boolean secure() {
    return secure;
  }

  /// By what the front's logs name the connection, in hexadecimal where it is no text; empty where
  /// that is not said.
  String id() {
    return id;
  }

  /// All of them, in order.
  List<ProxyHeader.Field> fields() {
    return fields;
  }

  /// Reads them.
  ///
  /// @param start where they begin, behind the addresses
  /// @return what is wrong; empty where nothing is
  String read(int start) {
    ByteBuffer bytes = ByteBuffer.wrap(header).position(start);
    while (bytes.hasRemaining()) {
      if (bytes.remaining() < HEAD) {
        return "a field that is cut short";
      }
      int type = Byte.toUnsignedInt(bytes.get());
      int length = Short.toUnsignedInt(bytes.getShort());
      if (length > bytes.remaining()) {
        return "a field that is longer than the header";
      }
      ByteBuffer value = bytes.slice(bytes.position(), length);
      String problem = take(type, value, bytes.position());
      if (!problem.isEmpty()) {
        return problem;
      }
      byte[] raw = new byte[length];
      bytes.get(raw);
      fields.add(new ProxyHeader.Field(type, raw));
    }
    return "";
  }

  private String take(int type, ByteBuffer value, int at) {
    int length = value.remaining();
    String problem =
        switch (type) {
          case ALPN -> length >= 1 && length <= MOST_OF_ALPN ? "" : "a protocol without a name";
          case AUTHORITY -> isName(value) ? "" : "an authority that is no name";
          case CHECKSUM -> isRight(value, at) ? "" : "a checksum that is wrong";
          case UNIQUE_ID -> identifier(value);
          case SSL -> ssl(value);
          default -> "";
        };
    boolean known =
        switch (type) {
          case ALPN, AUTHORITY, CHECKSUM, UNIQUE_ID, SSL -> true;
          default -> false;
        };
    boolean again = known && (seen & (1L << type)) != 0;
    if (known) {
      seen |= 1L << type;
    }
    return again ? "a field that is there twice" : problem;
  }

  private String identifier(ByteBuffer value) {
    if (value.remaining() > MOST_OF_ID) {
      return "an identifier that is too long";
    }
    byte[] bytes = new byte[value.remaining()];
    value.get(0, bytes);
    boolean isText = true;
    for (byte each : bytes) {
      isText &= each > ' ' && each <= '~';
    }
    id = isText ? new String(bytes, StandardCharsets.US_ASCII) : HexFormat.of().formatHex(bytes);
    return "";
  }

  private static boolean isName(ByteBuffer value) {
    for (int i = 0; i < value.remaining(); i++) {
      int each = Byte.toUnsignedInt(value.get(i));
      if (each <= ' ' || each == 0x7F) {
        return false;
      }
    }
    return value.hasRemaining();
  }

  /// Whether a checksum is that of the header with zeros in the checksum's place.
  private boolean isRight(ByteBuffer value, int at) {
    if (value.remaining() != Integer.BYTES) {
      return false;
    }
    CRC32C sum = new CRC32C();
    sum.update(header, 0, at);
    sum.update(new byte[Integer.BYTES]);
    sum.update(header, at + Integer.BYTES, header.length - at - Integer.BYTES);
    return (int) sum.getValue() == value.getInt(0);
  }

  private String ssl(ByteBuffer value) {
    if (value.remaining() < LEAST_OF_SSL) {
      return "a field of TLS that is cut short";
    }
    secure = (value.get(0) & CLIENT_SSL) != 0;
    ByteBuffer inner = value.position(LEAST_OF_SSL);
    while (inner.hasRemaining()) {
      if (inner.remaining() < HEAD) {
        return "a field of TLS that is cut short";
      }
      inner.get();
      int length = Short.toUnsignedInt(inner.getShort());
      if (length > inner.remaining()) {
        return "a field of TLS that is longer than what is around it";
      }
      inner.position(inner.position() + length);
    }
    return "";
  }
}
