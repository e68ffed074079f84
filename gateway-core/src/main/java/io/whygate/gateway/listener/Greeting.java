package io.whygate.gateway.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Reads how a client greets: the name that it asks for and the keys that it takes decide on the
/// certificate; one that offers none but unknown protocols is refused (RFC 7301 section 3.2).
final class Greeting extends SniHandler {
  private static final int MAX_LENGTH = 64 * 1024;

  /// A fatal alert `no_application_protocol`, as a record of TLS.
  private static final byte[] NO_APPLICATION_PROTOCOL = {21, 3, 3, 0, 2, 2, 120};

  private final ServerTls tls;
  private final List<String> protocols;
  private final Duration handshakeTimeout;
  private boolean ecdsa;

  /// @param protocols that are spoken here
  Greeting(ServerTls tls, List<String> protocols, Duration handshakeTimeout) {
    super((String name) -> tls.context(name, false), MAX_LENGTH, handshakeTimeout.toMillis());
    this.tls = tls;
    this.protocols = protocols;
    this.handshakeTimeout = handshakeTimeout;
  }

  @Override
  protected SslHandler newSslHandler(SslContext context, ByteBufAllocator allocator) {
    SslHandler handler = super.newSslHandler(context, allocator);
    handler.setHandshakeTimeoutMillis(handshakeTimeout.toMillis());
    return handler;
  }

  @Override
  protected Future<SslContext> lookup(ChannelHandlerContext ctx, @Nullable ByteBuf clientHello)
      throws Exception {
    if (clientHello != null) {
      ClientHello hello = ClientHello.of(clientHello);
      ecdsa = hello.ecdsa();
      if (!hello.protocols().isEmpty() && Collections.disjoint(hello.protocols(), protocols)) {
        ctx.writeAndFlush(Unpooled.wrappedBuffer(NO_APPLICATION_PROTOCOL));
        return ctx.executor().newFailedFuture(new SSLException("no protocol that is spoken here"));
      }
    }
    return super.lookup(ctx, clientHello);
  }

  @Override
  protected Future<SslContext> lookup(ChannelHandlerContext ctx, @Nullable String name) {
    return ctx.executor().newSucceededFuture(tls.context(name, ecdsa));
  }
}
