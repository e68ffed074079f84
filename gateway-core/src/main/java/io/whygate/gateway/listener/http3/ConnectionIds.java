package io.whygate.gateway.listener.http3;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.quic.QuicConnectionIdGenerator;
import java.nio.ByteBuffer;
import java.security.SecureRandom;

/// Makes connection ids (RFC 9000 section 5.1) that say which socket's connection it is, so that
/// its packets find it from whatever address they come. What follows is random.
final class ConnectionIds implements QuicConnectionIdGenerator {
  static final int LENGTH = 20;

  private static final int LONG_HEADER = 0x80;
  private static final int TYPE = 0x30;
  private static final int HANDSHAKE = 0x20;
  private static final int BEFORE_LONG = 6;

  private final short socket;
  private final SecureRandom random = new SecureRandom();

  ConnectionIds(int socket) {
    this.socket = (short) socket;
  }

  @Override
  public ByteBuffer newId(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return ByteBuffer.wrap(bytes).putShort(0, socket);
  }

  @Override
  public ByteBuffer newId(ByteBuffer input, int length) {
    return newId(length);
  }

  @Override
  public int maxConnectionIdLength() {
    return LENGTH;
  }

  @Override
  public boolean isIdempotent() {
    return false;
  }

  /// Whether a packet is one with which a client begins.
  static boolean isInitial(ByteBuf packet) {
    return packet.isReadable()
        && (packet.getUnsignedByte(packet.readerIndex()) & (LONG_HEADER | TYPE)) == LONG_HEADER;
  }

  /// Which socket's connection a packet belongs to, by the id that was given here; -1 where the
  /// client chose the id itself, as it does in its first packets.
  static int socketOf(ByteBuf packet) {
    int at = packet.readerIndex();
    int length = packet.readableBytes();
    if (length < 1 + LENGTH) {
      return -1;
    }
    int first = packet.getUnsignedByte(at);
    if ((first & LONG_HEADER) == 0) {
      return packet.getUnsignedShort(at + 1);
    }
    boolean given = (first & TYPE) == HANDSHAKE && packet.getUnsignedByte(at + 5) == LENGTH;
    return given && length >= BEFORE_LONG + LENGTH ? packet.getUnsignedShort(at + BEFORE_LONG) : -1;
  }
}
