package io.whygate.gateway.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.http.Deadlines;
import io.whygate.gateway.listener.client.ConnectionErrors;
import io.whygate.gateway.listener.client.Drain;
import io.whygate.gateway.listener.client.ListenerLoop;
import io.whygate.gateway.proxyprotocol.ProxyHeader;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A front's connection whose client is not known yet: the header of the PROXY protocol comes
/// before all else. Then what serves the client takes its place.
final class FrontGreeting extends ChannelInboundHandlerAdapter {
  private final ListenerLoop loop;
  private final Channel channel;
  private final Fronts fronts;
  private final Predicate<ProxyHeader> begin;
  private final Deadlines.Deadline deadline;
  private @Nullable ByteBuf pending;
  private boolean over;

  /// @param begin adds what serves the client behind this; false where it is not let in
  FrontGreeting(ListenerLoop loop, Channel channel, Fronts fronts, Predicate<ProxyHeader> begin) {
    this.loop = loop;
    this.channel = channel;
    this.fronts = fronts;
    this.begin = begin;
    this.deadline = loop.services().deadlines().add(() -> refuse("it did not come in time"));
  }

  private ListenerSettings.ProxyProtocol rules() {
    return loop.settings().proxyProtocol();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    deadline.in(rules().timeout().toNanos());
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    if (over) {
      in.release();
      return;
    }
    ByteBuf read =
        pending == null
            ? in
            : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), pending, in);
    pending = read;
    switch (ProxyHeader.read(read, rules().maxLength())) {
      case ProxyHeader.Incomplete _ -> {}
      case ProxyHeader.Malformed(String why) -> refuse(why);
      case ProxyHeader.Whole(ProxyHeader header) -> pass(ctx, header, read);
    }
  }

  /// Lets what serves the client go on with what came behind the header.
  private void pass(ChannelHandlerContext ctx, ProxyHeader header, ByteBuf rest) {
    end();
    pending = null;
    channel.attr(ProxyHeader.SAID).set(header);
    boolean goesOn = begin.test(header);
    if (goesOn && rest.isReadable()) {
      ctx.fireChannelRead(rest);
    } else {
      rest.release();
    }
    if (goesOn && !ctx.isRemoved()) {
      ctx.pipeline().remove(this);
    }
  }

  private void refuse(String why) {
    end();
    drop();
    fronts.refused(loop.settings(), channel, why);
    channel.close();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    switch (event) {
      case ChannelInputShutdownEvent _ when !over && pending != null -> refuse("it was cut short");
      case ChannelInputShutdownEvent _ -> channel.close();
      case Drain _ -> channel.close();
      default -> {}
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end();
    drop();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ConnectionErrors.note(cause);
    channel.close();
  }

  private void end() {
    over = true;
    deadline.close();
  }

  private void drop() {
    ByteBuf read = pending;
    pending = null;
    if (read != null) {
      read.release();
    }
  }
}
