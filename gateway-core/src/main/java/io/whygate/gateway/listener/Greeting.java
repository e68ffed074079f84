package io.whygate.gateway.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.Mapping;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Reads how a client greets (RFC 8446 section 4.1.2): the name that it asks for decides on the
/// certificate; one that offers none but unknown protocols is refused (RFC 7301 section 3.2).
final class Greeting extends SniHandler {
  private static final int MAX_LENGTH = 64 * 1024;
  private static final int VERSION_AND_RANDOM = 34;
  private static final int ALPN = 16;

  /// A fatal alert `no_application_protocol`, as a record of TLS.
  private static final byte[] NO_APPLICATION_PROTOCOL = {21, 3, 3, 0, 2, 2, 120};

  private final List<String> protocols;
  private final Duration handshakeTimeout;

  /// @param protocols that are spoken here
  Greeting(
      Mapping<String, SslContext> certificates, List<String> protocols, Duration handshakeTimeout) {
    super(certificates, MAX_LENGTH, handshakeTimeout.toMillis());
    this.protocols = protocols;
    this.handshakeTimeout = handshakeTimeout;
  }

  @Override
  protected Future<SslContext> lookup(ChannelHandlerContext ctx, @Nullable ByteBuf clientHello)
      throws Exception {
    if (clientHello != null && !speaksOne(clientHello)) {
      ctx.writeAndFlush(Unpooled.wrappedBuffer(NO_APPLICATION_PROTOCOL));
      return ctx.executor().newFailedFuture(new SSLException("no protocol that is spoken here"));
    }
    return super.lookup(ctx, clientHello);
  }

  @Override
  protected SslHandler newSslHandler(SslContext context, ByteBufAllocator allocator) {
    SslHandler handler = super.newSslHandler(context, allocator);
    handler.setHandshakeTimeoutMillis(handshakeTimeout.toMillis());
    return handler;
  }

  /// Whether a client offers one of the protocols, or says nothing of protocols.
  private boolean speaksOne(ByteBuf hello) {
    int at = hello.readerIndex() + VERSION_AND_RANDOM;
    int end = hello.writerIndex();
    if (at + 1 <= end) {
      at += 1 + hello.getUnsignedByte(at);
    }
    if (at + 2 <= end) {
      at += 2 + hello.getUnsignedShort(at);
    }
    if (at + 1 <= end) {
      at += 1 + hello.getUnsignedByte(at);
    }
    at += 2;
    while (at + 4 <= end) {
      int type = hello.getUnsignedShort(at);
      int next = at + 4 + hello.getUnsignedShort(at + 2);
      if (type == ALPN) {
        return offersOne(hello, at + 6, Math.min(next, end));
      }
      at = next;
    }
    return true;
  }

  private boolean offersOne(ByteBuf hello, int start, int end) {
    int at = start;
    while (at < end) {
      int length = hello.getUnsignedByte(at);
      if (at + 1 + length > end) {
        return true;
      }
      if (protocols.contains(hello.toString(at + 1, length, StandardCharsets.US_ASCII))) {
        return true;
      }
      at += 1 + length;
    }
    return false;
  }
}
