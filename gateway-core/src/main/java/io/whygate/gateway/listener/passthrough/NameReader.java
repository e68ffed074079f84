package io.whygate.gateway.listener.passthrough;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.util.concurrent.Future;
import io.whygate.gateway.config.ListenerSettings;
import org.jspecify.annotations.Nullable;

/// Reads the greeting of a TLS client for the name that it asks for, and lets it pass on as it
/// came. What is none, too large or too late ends the connection.
public final class NameReader extends AbstractSniHandler<String> {
  /// @param settings of the listener: its limits hold
  public NameReader(ListenerSettings settings) {
    this(settings.limits().headerSize(), settings.timeouts().handshake().toMillis());
  }

  /// @param most bytes of a greeting
  /// @param millis how long it may take to come; 0 for any time
  NameReader(int most, long millis) {
    super(most, millis);
  }

  @Override
  protected Future<String> lookup(ChannelHandlerContext ctx, @Nullable ByteBuf greeting)
      throws Exception {
    return greeting == null
        ? ctx.executor().newFailedFuture(new NotSslRecordException("no greeting of TLS"))
        : super.lookup(ctx, greeting);
  }

  @Override
  protected Future<String> lookup(ChannelHandlerContext ctx, @Nullable String name) {
    return ctx.executor().newSucceededFuture(name == null ? "" : name);
  }

  /// What is behind this hears of the name by an event, once it has the greeting.
  @Override
  protected void onLookupComplete(
      ChannelHandlerContext ctx, @Nullable String name, Future<String> found) {
    if (found.isSuccess()) {
      ctx.pipeline().remove(this);
    }
  }
}
