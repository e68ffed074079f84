package io.whygate.gateway.connection.tcp;

import io.netty.buffer.ByteBuf;

/// The first record of either side of TLS, which is in clear (RFC 8446 section 5.1).
final class TlsRecords {
  private static final int ALERT = 21;
  private static final int HANDSHAKE = 22;
  private static final int MAJOR = 3;
  private static final int HEADER = 5;
  private static final int ALERT_LENGTH = 2;
  private static final int FATAL = 2;

  private TlsRecords() {}

  /// Whether bytes begin a handshake.
  static boolean isHandshake(ByteBuf bytes) {
    return begins(bytes, HANDSHAKE);
  }

  /// The number of the alert by which a handshake is refused (section 6.2); -1 where it is none.
  static int fatalAlert(ByteBuf bytes) {
    int at = bytes.readerIndex();
    return begins(bytes, ALERT)
            && bytes.readableBytes() >= HEADER + ALERT_LENGTH
            && bytes.getUnsignedShort(at + HEADER - ALERT_LENGTH) == ALERT_LENGTH
            && bytes.getByte(at + HEADER) == FATAL
        ? bytes.getUnsignedByte(at + HEADER + 1)
        : -1;
  }

  private static boolean begins(ByteBuf bytes, int type) {
    int at = bytes.readerIndex();
    return bytes.readableBytes() >= 2
        && bytes.getByte(at) == type
        && bytes.getByte(at + 1) == MAJOR;
  }
}
