package io.whygate.diagnostics.probe.icmp;

import java.nio.ByteBuffer;
import java.util.Arrays;

/// An ICMP echo request and its answer (RFC 792, RFC 4443 section 4).
///
/// @param token what is in the request and must be in the answer
record Echo(boolean v6, long token) {
  static final int HEADER = 8;

  private static final int LEAST = HEADER + Long.BYTES;

  /// The length of the network header in front of it, bytes.
  int below() {
    return v6 ? 40 : 20;
  }

  /// A request.
  ///
  /// @param number tells it from the others of the same token
  /// @param size of the whole packet with its network header, bytes
  byte[] request(int number, int size) {
    byte[] packet = new byte[Math.max(LEAST, size - below())];
    Arrays.fill(packet, LEAST, packet.length, (byte) 'w');
    ByteBuffer.wrap(packet)
        .put((byte) (v6 ? 128 : 8))
        .put((byte) 0)
        .putShort((short) 0)
        .putShort((short) token)
        .putShort((short) number)
        .putLong(token);
    if (!v6) {
      // Of ICMPv6 the kernel makes the sum, as it covers the addresses.
      ByteBuffer.wrap(packet).putShort(2, sum(packet));
    }
    return packet;
  }

  /// The number of the request that a packet answers, or -1.
  ///
  /// @param headed whether the packet has its IPv4 header in front
  int answered(byte[] packet, boolean headed) {
    int start = headed ? (packet[0] & 0xF) * 4 : 0;
    if (packet.length < start + LEAST) {
      return -1;
    }
    ByteBuffer in = ByteBuffer.wrap(packet);
    boolean isReply = in.get(start) == (byte) (v6 ? 129 : 0);
    return isReply && in.getLong(start + HEADER) == token ? in.getShort(start + 6) & 0xFFFF : -1;
  }

  /// The Internet checksum (RFC 1071).
  private static short sum(byte[] packet) {
    long sum = 0;
    for (int i = 0; i < packet.length; i += 2) {
      int low = i + 1 < packet.length ? packet[i + 1] & 0xFF : 0;
      sum += ((packet[i] & 0xFF) << 8) | low;
    }
    sum = (sum & 0xFFFF) + (sum >> 16);
    return (short) ~((sum & 0xFFFF) + (sum >> 16));
  }
}
