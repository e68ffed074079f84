package io.whygate.gateway.listener.http3;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.time.Duration;

/// Any bytes as a packet of QUIC, and as the token of one: a packet goes to a socket or nowhere, is
/// left as it was, and no token that was not made here is taken.
public final class PacketFuzz {
  private static final InetSocketAddress CLIENT = new InetSocketAddress("127.0.0.1", 4433);
  private static final long NOW = 1L << 40;

  private PacketFuzz() {}

  /// Called by Jazzer.
  public static void fuzzerTestOneInput(byte[] bytes) {
    ByteBuf packet = Unpooled.wrappedBuffer(bytes).asReadOnly();
    int socket = ConnectionIds.socketOf(packet);
    check(socket >= -1 && socket <= 0xffff, "socket " + socket);
    check(packet.readerIndex() == 0 && packet.isReadable() == bytes.length > 0, "it was read");
    Duration lifetime = Duration.ofNanos(Long.MAX_VALUE / 4);
    RetryKeys keys = new RetryKeys(lifetime, () -> NOW);
    RetryTokens tokens = new RetryTokens(keys, lifetime, () -> true, () -> true);
    check(tokens.validateToken(Unpooled.wrappedBuffer(bytes), CLIENT) == -1, "a token is taken");
    int length = Math.min(bytes.length, 20);
    if (length > 0) {
      ByteBuf made = Unpooled.buffer();
      tokens.writeToken(made, Unpooled.wrappedBuffer(bytes, 0, length), CLIENT);
      int offset = tokens.validateToken(made.duplicate(), CLIENT);
      check(offset == made.readableBytes() - length, "a token of our own is not taken");
      made.setByte(bytes[0] & 0x1f, made.getByte(bytes[0] & 0x1f) ^ 1);
      boolean whole = (bytes[0] & 0x1f) < made.readableBytes();
      check(!whole || tokens.validateToken(made, CLIENT) == -1, "a changed token is taken");
    }
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
