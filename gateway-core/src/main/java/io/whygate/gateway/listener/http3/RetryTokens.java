package io.whygate.gateway.listener.http3;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicTokenHandler;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The tokens of Retry packets (RFC 9000 section 8.1.2): who brings one back has shown that it
/// receives at the address that it sends from. Nothing is kept for whom one was sent to: a token
/// says when it was made and which id its client had chosen, signed together with the client's
/// address and port. Here it is also said whether a new connection is taken at all. Confined to its
/// event loop.
final class RetryTokens implements QuicTokenHandler {
  private static final int TIME = Long.BYTES;
  private static final int SIGNATURE = 16;
  private static final int HEAD = TIME + SIGNATURE;

  private final RetryKeys keys;
  private final long lifetimeNanos;
  private final BooleanSupplier open;
  private final BooleanSupplier wanted;
  private final Mac mac;

  /// Makes the codec drop a packet that would begin a connection: it has made nothing for it by
  /// then, and knows no other way to say so. Without a trace it costs next to nothing.
  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;

    Refused() {
      super("no connection is taken now", null, false, false);
    }
  }

  /// @param lifetime of a token
  /// @param open whether connections are taken at this moment
  /// @param wanted whether clients have to show where they are at this moment
  RetryTokens(RetryKeys keys, Duration lifetime, BooleanSupplier open, BooleanSupplier wanted) {
    this.keys = keys;
    this.lifetimeNanos = lifetime.toNanos();
    this.open = open;
    this.wanted = wanted;
    try {
      this.mac = Mac.getInstance(RetryKeys.ALGORITHM);
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK has " + RetryKeys.ALGORITHM, e);
    }
  }

  @Override
  public boolean writeToken(ByteBuf out, ByteBuf dcid, InetSocketAddress address) {
    if (!open.getAsBoolean()) {
      throw new Refused();
    }
    if (!wanted.getAsBoolean()) {
      return false;
    }
    byte[] id = new byte[dcid.readableBytes()];
    dcid.getBytes(dcid.readerIndex(), id);
    long now = keys.now();
    out.writeLong(now);
    out.writeBytes(signature(keys.keys().current(), now, address, id), 0, SIGNATURE);
    out.writeBytes(id);
    return true;
  }

  @Override
  public int validateToken(ByteBuf token, InetSocketAddress address) {
    int length = token.readableBytes() - HEAD;
    if (!open.getAsBoolean() || length <= 0 || length > Quic.MAX_CONN_ID_LEN) {
      return -1;
    }
    long made = token.readLong();
    byte[] signature = new byte[SIGNATURE];
    token.readBytes(signature);
    byte[] id = new byte[length];
    token.readBytes(id);
    long age = keys.now() - made;
    if (age < 0 || age > lifetimeNanos) {
      return -1;
    }
    RetryKeys.Pair pair = keys.keys();
    return isBy(pair.current(), signature, made, address, id)
            || isBy(pair.former(), signature, made, address, id)
        ? HEAD
        : -1;
  }

  private boolean isBy(
      SecretKeySpec key, byte[] signature, long made, InetSocketAddress address, byte[] id) {
    byte[] right = Arrays.copyOf(signature(key, made, address, id), SIGNATURE);
    return MessageDigest.isEqual(signature, right);
  }

  private byte[] signature(SecretKeySpec key, long made, InetSocketAddress address, byte[] id) {
    byte[] ip = address.getAddress().getAddress();
    try {
      mac.init(key);
    } catch (GeneralSecurityException e) {
      throw new AssertionError("a key of our own", e);
    }
    mac.update(
        ByteBuffer.allocate(TIME + 2).putLong(made).putShort((short) address.getPort()).flip());
    mac.update((byte) ip.length);
    mac.update(ip);
    return mac.doFinal(id);
  }

  @Override
  public int maxTokenLength() {
    return HEAD + Quic.MAX_CONN_ID_LEN;
  }
}
