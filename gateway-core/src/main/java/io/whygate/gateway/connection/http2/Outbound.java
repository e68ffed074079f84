package io.whygate.gateway.connection.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.whygate.gateway.http2.Frames;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// What goes to the server of one connection: small frames are gathered into one buffer; content of
/// requests waits in its streams until the connection's window and the socket take it, each stream
/// a frame at a time. Confined to its event loop.
///
/// Flushing is put off to the end of the event loop's round, so that one write carries what all
/// streams have ready.
final class Outbound {
  private static final int GATHERED = 16_384;
  private static final int COPIED = 2048;
  private static final int FLUSH_AFTER = 65_536;

  private final Channel channel;
  private final boolean copies;
  private final ArrayDeque<RequestBody> ready = new ArrayDeque<>(4);
  private final Runnable round = this::endRound;

  private @Nullable ByteBuf gathered;
  private long window = Frames.DEFAULT_WINDOW;
  private int unflushed;
  private boolean roundPending;
  private boolean pumping;
  private boolean closed;

  /// @param copies whether content is copied anyway, so that gathering it costs nothing
  Outbound(Channel channel, boolean copies) {
    this.channel = channel;
    this.copies = copies;
  }

  /// Where the next frame is to be written. [#wrote] has to follow.
  ByteBuf out() {
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
  void wrote() {
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
      pump();
      flush();
    }
  }

  /// Sends all that was written, now.
  void flush() {
    write();
    unflushed = 0;
    channel.flush();
  }

  /// The server lets more come; false where its window overflows.
  boolean widen(int increment) {
    window += increment;
    if (window > Frames.MAX_WINDOW) {
      return false;
    }
    if (!ready.isEmpty()) {
      wrote();
    }
    return true;
  }

  /// A request has content, or its end, that its stream's window lets through.
  void schedule(RequestBody body) {
    if (!body.scheduled) {
      body.scheduled = true;
      ready.addLast(body);
    }
    wrote();
  }

  /// Forgets a request.
  void remove(RequestBody body) {
    if (body.scheduled) {
      body.scheduled = false;
      ready.remove(body);
    }
  }

  /// The socket takes more.
  void writable() {
    if (!ready.isEmpty()) {
      wrote();
    }
  }

  /// Sends what the windows and the socket take.
  void pump() {
    if (pumping || closed) {
      return;
    }
    pumping = true;
    try {
      int passed = 0;
      while (passed < ready.size() && channel.isWritable()) {
        RequestBody body = ready.removeFirst();
        if (window <= 0 && !body.onlyEnds()) {
          ready.addLast(body);
          passed++;
          continue;
        }
        passed = 0;
        body.scheduled = false;
        window -= body.send((int) Math.min(window, Frames.MIN_MAX_FRAME_SIZE));
        if (body.maySend() && !body.scheduled) {
          body.scheduled = true;
          ready.addLast(body);
        }
      }
    } finally {
      pumping = false;
    }
  }

  /// Writes a DATA frame, and owns the content.
  void data(int stream, ByteBuf content, boolean end) {
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

  /// Gives up what is not sent.
  void close() {
    closed = true;
    if (gathered != null) {
      gathered.release();
      gathered = null;
    }
  }
}
