package io.whygate.gateway.connection.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.whygate.gateway.http2.FrameReader;
import io.whygate.gateway.http2.Frames;
import org.jspecify.annotations.Nullable;

/// What comes from the server of one connection: bytes, which are read as frames once the first of
/// them have been found to be one; and the window that bounds their content. Confined to its event
/// loop.
final class Inbound {
  private final Http2UpstreamConnection connection;
  private final FrameReader reader;
  private final FirstBytes firstBytes = new FirstBytes();
  private final int size;

  private @Nullable ByteBuf pending;
  private boolean reading;
  private boolean judged;
  private boolean stopped;
  private int window;
  private int taken;

  /// @param size of the window that the server is told of
  Inbound(Http2UpstreamConnection connection, ServerFrames frames, int size) {
    this.connection = connection;
    this.reader = new FrameReader(Frames.MIN_MAX_FRAME_SIZE, frames);
    this.size = size;
    this.window = Math.max(size, Frames.DEFAULT_WINDOW);
  }

  /// The first bytes that came.
  FirstBytes firstBytes() {
    return firstBytes;
  }

  /// Reads bytes that came, and owns them.
  void read(ByteBufAllocator alloc, ByteBuf in) {
    if (!judged) {
      firstBytes.came(in);
    }
    ByteBuf all =
        pending == null ? in : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(alloc, pending, in);
    pending = null;
    reading = true;
    try {
      if (judged || judge(false)) {
        reader.read(all);
      }
    } finally {
      reading = false;
      if (all.isReadable() && !stopped) {
        pending = all;
      } else {
        all.release();
      }
    }
  }

  /// Judges the first bytes; false where they are not HTTP/2, or too few to tell.
  private boolean judge(boolean ended) {
    if (!firstBytes.canTell() && !ended) {
      return false;
    }
    judged = true;
    if (firstBytes.isFrame()) {
      return true;
    }
    connection.isNotHttp2(firstBytes.failure());
    return false;
  }

  /// The server sends no more; false where the connection has failed for what came.
  boolean ends() {
    return judged || firstBytes.count() == 0 || judge(true);
  }

  /// Takes bytes of DATA from the connection's window, which opens as they come: what streams keep
  /// is bounded by their own windows, and a client that is slow keeps none but its own waiting.
  ///
  /// @return whether the server kept to it
  boolean takes(int bytes) {
    window -= bytes;
    taken += bytes;
    if (taken * 2L >= size) {
      window += taken;
      connection.widen(0, taken);
      taken = 0;
    }
    return window >= 0;
  }

  /// Reads no more.
  void stop() {
    stopped = true;
    reader.stop();
  }

  /// Gives up what is not read.
  void close() {
    if (pending != null && !reading) {
      pending.release();
      pending = null;
    }
  }
}
