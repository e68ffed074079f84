package io.whygate.gateway.listener.http3;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// What goes to the client on one stream, once it is frames: small ones are gathered, so that a
/// short answer is one packet together with its end, and what the transport does not take yet is
/// counted. Stands between the codec and the transport; confined to its event loop.
final class StreamOutput extends ChannelOutboundHandlerAdapter {
  private static final int GATHERED = 16_384;

  private final Listener listener;

  /// Pieces that the transport has not taken whole, and which are its own; it reads them as it
  /// does.
  private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>(2);

  private @Nullable ChannelHandlerContext context;
  private @Nullable ByteBuf gathered;
  private int queued;
  private long handedOver;
  private boolean refused;
  private boolean failed;

  /// Hears of what the transport does with it.
  interface Listener {
    /// The transport took so many bytes of it.
    void taken(int bytes);

    /// The transport takes nothing any more: the client wants no answer, or is gone.
    void failed(Throwable why);
  }

  StreamOutput(Listener listener) {
    this.listener = listener;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    release();
  }

  /// Bytes that the transport has not taken.
  int queued() {
    return queued;
  }

  /// Bytes that the transport took in all, those of pieces among them that it has not taken whole.
  long sent() {
    long left = 0;
    for (ByteBuf each : waiting) {
      left += each.readableBytes();
    }
    return handedOver - left;
  }

  /// Whether the transport took not one byte when nothing else waited, and none since. That is so
  /// where the client gave the stream up some time ago: QUIC has forgotten it then.
  boolean isRefused() {
    return refused;
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    ByteBuf piece = (ByteBuf) message;
    if (failed || !ctx.channel().isOpen()) {
      piece.release();
    } else if (size() + piece.readableBytes() <= GATHERED) {
      gather(ctx, piece);
    } else {
      flush(ctx);
      send(piece, false);
    }
    promise.trySuccess();
  }

  private int size() {
    ByteBuf all = gathered;
    return all == null ? 0 : all.readableBytes();
  }

  private void gather(ChannelHandlerContext ctx, ByteBuf piece) {
    ByteBuf all = gathered;
    if (all == null) {
      all = ctx.alloc().directBuffer(Math.max(512, piece.readableBytes()), GATHERED);
      gathered = all;
    }
    all.writeBytes(piece);
    piece.release();
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    ByteBuf all = gathered;
    if (all != null) {
      gathered = null;
      send(all, false);
    }
  }

  /// Sends what is gathered, and the end of the stream with it.
  void end() {
    ByteBuf all = gathered;
    gathered = null;
    send(all == null ? Unpooled.EMPTY_BUFFER : all, true);
  }

  private void send(ByteBuf piece, boolean end) {
    ChannelHandlerContext ctx = context;
    if (failed || ctx == null || !ctx.channel().isOpen()) {
      piece.release();
      return;
    }
    int size = piece.readableBytes();
    ByteBuf bytes = direct(ctx, piece);
    boolean first = queued == 0;
    queued += size;
    handedOver += size;
    waiting.addLast(bytes);
    ChannelFuture sent = ctx.write(end ? new DefaultQuicStreamFrame(bytes, true) : bytes);
    sent.addListener(done -> {
      queued -= size;
      waiting.removeFirst();
      refused = false;
      if (done.isSuccess()) {
        listener.taken(size);
      } else if (!failed) {
        failed = true;
        listener.failed(done.cause());
      }
    });
    refused |= first && !sent.isDone() && bytes.readableBytes() == size;
  }

  /// The transport would copy other memory, and then nobody could see how far it is.
  private static ByteBuf direct(ChannelHandlerContext ctx, ByteBuf piece) {
    if (piece.isDirect()) {
      return piece;
    }
    try {
      return ctx.alloc().directBuffer(piece.readableBytes()).writeBytes(piece);
    } finally {
      piece.release();
    }
  }

  /// Gives up what is gathered.
  void release() {
    ByteBuf all = gathered;
    if (all != null) {
      gathered = null;
      all.release();
    }
  }
}
