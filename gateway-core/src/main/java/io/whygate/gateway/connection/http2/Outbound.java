package io.whygate.gateway.connection.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.whygate.gateway.http2.FrameOutput;
import io.whygate.gateway.http2.Frames;
import java.util.ArrayDeque;

/// What goes to the server of one connection: small frames are gathered into one buffer; content of
/// requests waits in its streams until the connection's window and the socket take it, each stream
/// a frame at a time. Confined to its event loop.
final class Outbound {
  private final Channel channel;
  private final FrameOutput frames;
  private final ArrayDeque<RequestBody> ready = new ArrayDeque<>(4);

  private long window = Frames.DEFAULT_WINDOW;
  private boolean pumping;

  /// @param copies whether content is copied anyway, so that gathering it costs nothing
  Outbound(Channel channel, boolean copies) {
    this.channel = channel;
    this.frames = new FrameOutput(channel, copies, this::pump);
  }

  /// Where the next frame is to be written. [#wrote] has to follow.
  ByteBuf out() {
    return frames.out();
  }

  /// Frames were written: they go out at the end of the round.
  void wrote() {
    frames.wrote();
  }

  /// Sends all that was written, now.
  void flush() {
    frames.flush();
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
    if (pumping || frames.isClosed()) {
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
    frames.data(stream, content, end);
  }

  /// Gives up what is not sent.
  void close() {
    frames.close();
  }
}
