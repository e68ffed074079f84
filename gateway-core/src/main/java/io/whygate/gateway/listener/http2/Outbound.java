package io.whygate.gateway.listener.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.whygate.gateway.http2.FrameOutput;
import io.whygate.gateway.http2.Frames;
import io.whygate.gateway.listener.client.Floods;
import io.whygate.gateway.listener.client.LeastRate;
import io.whygate.gateway.listener.client.Priority;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// What goes to the client of one connection: small frames are gathered into one buffer, content
/// waits in its streams until the connection's window and the socket take it, the more urgent first
/// (RFC 9218 section 10). Confined to its event loop.
final class Outbound {
  private final Channel channel;
  private final Floods floods;
  private final FrameOutput frames;
  private final LeastRate taking;
  private final @Nullable ArrayDeque<Http2Stream>[] ready;

  private long window = Frames.DEFAULT_WINDOW;
  private int waiting;
  private boolean pumping;

  /// @param copies whether content is copied anyway, so that gathering it costs nothing
  /// @param taking watches how fast the client takes what is there for it
  @SuppressWarnings({"unchecked", "rawtypes"})
  Outbound(Channel channel, Floods floods, boolean copies, LeastRate taking) {
    this.channel = channel;
    this.floods = floods;
    this.taking = taking;
    this.frames = new FrameOutput(channel, copies, this::pump);
    this.ready = new ArrayDeque[Priority.LEVELS];
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

  /// The client lets more come; false where its window overflows.
  boolean widen(int increment) {
    window += increment;
    if (window > Frames.MAX_WINDOW) {
      return false;
    }
    if (waiting > 0) {
      wrote();
    }
    return true;
  }

  /// A stream has content, or its end, that its own window lets through.
  void schedule(Http2Stream stream) {
    if (stream.onlyEnds()) {
      stream.send(0);
      return;
    }
    if (!stream.scheduled) {
      stream.scheduled = true;
      queue(stream.priority().urgency()).addLast(stream);
      waiting++;
    }
    if (stream.queued() >= FrameOutput.GATHERED) {
      pump();
    }
    wrote();
  }

  private ArrayDeque<Http2Stream> queue(int urgency) {
    ArrayDeque<Http2Stream> queue = ready[urgency];
    if (queue == null) {
      queue = new ArrayDeque<>(4);
      ready[urgency] = queue;
    }
    return queue;
  }

  /// Forgets a stream.
  void remove(Http2Stream stream) {
    if (stream.scheduled) {
      stream.scheduled = false;
      for (ArrayDeque<Http2Stream> queue : ready) {
        if (queue != null && queue.remove(stream)) {
          waiting--;
          return;
        }
      }
    }
  }

  /// Sends what the windows and the socket take.
  void pump() {
    if (pumping || frames.isClosed()) {
      return;
    }
    pumping = true;
    try {
      for (int urgency = 0; urgency < ready.length && waiting > 0; urgency++) {
        ArrayDeque<Http2Stream> queue = ready[urgency];
        while (queue != null && !queue.isEmpty() && channel.isWritable()) {
          if (window <= 0) {
            break;
          }
          send(queue);
        }
      }
      taking.waits(waiting > 0 && stall());
    } finally {
      pumping = false;
    }
  }

  /// Lets the first stream of a queue send one frame.
  private void send(ArrayDeque<Http2Stream> queue) {
    Http2Stream stream = queue.removeFirst();
    waiting--;
    stream.scheduled = false;
    window -= stream.send((int) Math.min(window, Frames.MIN_MAX_FRAME_SIZE));
    if (stream.maySend() && !stream.scheduled) {
      stream.scheduled = true;
      waiting++;
      if (stream.priority().incremental()) {
        queue.addLast(stream);
      } else {
        queue.addFirst(stream);
      }
    }
  }

  /// Lets the time run for those that the client keeps waiting.
  ///
  /// @return whether one of them is an answer, and no tunnel
  private boolean stall() {
    boolean answers = false;
    for (ArrayDeque<Http2Stream> queue : ready) {
      if (queue != null) {
        for (Http2Stream each : queue) {
          each.stalls();
          answers |= !each.isTunnel();
        }
      }
    }
    return answers;
  }

  /// Writes a DATA frame, and owns the content.
  void data(int stream, ByteBuf content, boolean end) {
    floods.sent();
    frames.data(stream, content, end);
  }

  /// Gives up what is not sent.
  void close() {
    taking.close();
    frames.close();
  }
}
