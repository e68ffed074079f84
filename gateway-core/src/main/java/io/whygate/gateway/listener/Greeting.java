package io.whygate.gateway.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.whygate.gateway.acme.PendingChallenges;
import io.whygate.gateway.ocsp.OcspStaples;
import io.whygate.gateway.proxyprotocol.Announcement;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Reads how a client greets: the name that it asks for and the keys that it takes decide on the
/// certificate; one that offers none but unknown protocols is refused (RFC 7301 section 3.2). An
/// authority that wants the proof of a name is shown it.
final class Greeting extends SniHandler {
  private static final int MAX_LENGTH = 64 * 1024;

  /// A fatal alert `no_application_protocol`, as a record of TLS.
  private static final byte[] NO_APPLICATION_PROTOCOL = {21, 3, 3, 0, 2, 2, 120};

  private final ServerTls tls;
  private final PendingChallenges challenges;
  private final OcspStaples staples;
  private final Duration handshakeTimeout;
  private boolean ecdsa;
  private boolean wantsStaple;

  /// Whether it is an authority that wants the proof of a name (RFC 8737).
  private boolean proves;

  Greeting(
      ServerTls tls, PendingChallenges challenges, OcspStaples staples, Duration handshakeTimeout) {
    super((String name) -> tls.context(name, false), MAX_LENGTH, handshakeTimeout.toMillis());
    this.tls = tls;
    this.challenges = challenges;
    this.staples = staples;
    this.handshakeTimeout = handshakeTimeout;
  }

  @Override
  protected SslHandler newSslHandler(SslContext context, ByteBufAllocator allocator) {
    SslHandler handler = super.newSslHandler(context, allocator);
    handler.setHandshakeTimeoutMillis(handshakeTimeout.toMillis());
    if (wantsStaple && !proves) {
      staple(context, handler);
    }
    return handler;
  }

  private void staple(SslContext context, SslHandler handler) {
    byte[] proof = staples.of(tls.certificate(context));
    if (proof != null
        && handler.engine() instanceof ReferenceCountedOpenSslEngine engine
        && OpenSsl.isOcspSupported()) {
      engine.setOcspResponse(proof);
    }
  }

  @Override
  protected Future<SslContext> lookup(ChannelHandlerContext ctx, @Nullable ByteBuf clientHello)
      throws Exception {
    if (clientHello != null) {
      ClientHello hello = ClientHello.of(clientHello);
      ecdsa = hello.ecdsa();
      wantsStaple = hello.wantsStaple();
      proves = hello.protocols().equals(List.of(PendingChallenges.TLS_PROTOCOL));
      if (!proves
          && !hello.protocols().isEmpty()
          && Collections.disjoint(hello.protocols(), tls.protocols())) {
        return refuse(ctx);
      }
    }
    return super.lookup(ctx, clientHello);
  }

  @Override
  protected Future<SslContext> lookup(ChannelHandlerContext ctx, @Nullable String name) {
    SslContext context = proves ? challenges.overTls(name) : tls.context(name, ecdsa);
    ctx.channel().attr(Announcement.NAME).set(name);
    return context == null ? refuse(ctx) : ctx.executor().newSucceededFuture(context);
  }

  private static Future<SslContext> refuse(ChannelHandlerContext ctx) {
    ctx.writeAndFlush(Unpooled.wrappedBuffer(NO_APPLICATION_PROTOCOL));
    return ctx.executor().newFailedFuture(new SSLException("no protocol that is spoken here"));
  }
}
