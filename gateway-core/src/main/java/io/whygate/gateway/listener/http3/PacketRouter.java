package io.whygate.gateway.listener.http3;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Brings each packet to the socket that has its connection. The system spreads packets over the
/// sockets of a port by the addresses that they come from; a client that moves to another address
/// (RFC 9000 section 9) may come to another socket, and its packets are handed to the event loop of
/// the first.
final class PacketRouter extends ChannelInboundHandlerAdapter {
  /// Packets that wait for one event loop at most; further ones are lost, as on any network.
  static final int MOST_WAITING = 1024;

  private final List<PacketRouter> all;
  private final int index;
  private final BooleanSupplier early;
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile @Nullable ChannelHandlerContext context;

  /// @param all the routers of the port's sockets, this one among them once all are made
  /// @param index of this one, which its socket's connection ids say
  /// @param early whether data is taken before a handshake is over
  PacketRouter(List<PacketRouter> all, int index, BooleanSupplier early) {
    this.all = all;
    this.index = index;
    this.early = early;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    context = null;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    DatagramPacket packet = (DatagramPacket) message;
    int socket = ConnectionIds.socketOf(packet.content());
    if (socket < 0 || socket == index || socket >= all.size()) {
      boolean beginning = early.getAsBoolean() && ConnectionIds.isInitial(packet.content());
      ctx.fireChannelRead(packet);
      if (beginning) {
        // The handshake goes on when reading is over. Until it has, early data, which comes next,
        // cannot be opened; the codec would keep it until the client's next packet comes.
        ctx.fireChannelReadComplete();
      }
    } else {
      all.get(socket).take(packet);
    }
  }

  /// Takes a packet over from another event loop; owns it.
  private void take(DatagramPacket packet) {
    ChannelHandlerContext to = context;
    if (to == null || waiting.incrementAndGet() > MOST_WAITING) {
      if (to != null) {
        waiting.decrementAndGet();
      }
      packet.release();
      return;
    }
    try {
      to.executor()
          .execute(() -> {
            waiting.decrementAndGet();
            to.fireChannelRead(packet);
            to.fireChannelReadComplete();
          });
    } catch (RejectedExecutionException _) {
      packet.release();
    }
  }
}
