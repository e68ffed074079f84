package io.whygate.gateway.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/// The frames that one connection writes: small ones are gathered into one buffer. Confined to its
/// event loop.
///
/// Flushing is put off to the end of the event loop's round, so that one write carries what all
/// streams have ready.
public final class FrameOutput {
  /// So many bytes of small frames go into one buffer.
  public static final int GATHERED = 16_384;

  private static final int COPIED = 2048;
  private static final int FLUSH_AFTER = 65_536;

  private final Channel channel;
  private final boolean copies;
  private final Runnable pump;
  private final Runnable round = this::endRound;

  private @Nullable ByteBuf gathered;
  private int unflushed;
  private boolean roundPending;
  private boolean closed;

  /// @param copies whether content is copied anyway, so that gathering it costs nothing
  /// @param pump writes what the streams have ready, at the end of a round
  public FrameOutput(Channel channel, boolean copies, Runnable pump) {
    this.channel = channel;
    this.copies = copies;
    this.pump = pump;
  }

  /// Where the next frame is to be written. [#wrote] has to follow.
  public ByteBuf out() {
    ByteBuf out = gathered;
    if (out != null && out.readableBytes() >= GATHERED) {
      write();
      out = null;
    }
    if (out == null) {
      out = channel.alloc().buffer(2048);
      gathered = out;
    }
    return out;
  }

  /// Frames were written: they go out at the end of the round.
  public void wrote() {
    if (closed) {
      close();
    } else if (!roundPending) {
      roundPending = true;
      channel.eventLoop().execute(round);
    }
  }

  private void write() {
    ByteBuf out = gathered;
    if (out != null) {
      gathered = null;
      channel.write(out, channel.voidPromise());
    }
  }

  private void endRound() {
    roundPending = false;
    if (!closed) {
      pump.run();
      flush();
    }
  }

  /// Sends all that was written, now.
  public void flush() {
    write();
    unflushed = 0;
    channel.flush();
  }

  /// Writes a DATA frame, and owns the content.
  public void data(int stream, ByteBuf content, boolean end) {
    int size = content.readableBytes();
    ByteBuf out = out();
    Frames.head(out, size, Frames.DATA, end ? Frames.END_STREAM : 0, stream);
    if (copies || size <= COPIED) {
      out.writeBytes(content);
      content.release();
    } else {
      write();
      channel.write(content, channel.voidPromise());
    }
    unflushed += size;
    if (unflushed >= FLUSH_AFTER) {
      flush();
    }
  }

  public boolean isClosed() {
    return closed;
  }

  /// Gives up what is not sent.
  public void close() {
    closed = true;
    if (gathered != null) {
      gathered.release();
      gathered = null;
    }
  }
}
