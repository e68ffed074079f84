package io.whygate.gateway.http2;

import io.netty.buffer.ByteBuf;

/// Cuts frames out of the bytes of a connection (RFC 9113 section 4.1). Confined to its event loop.
public final class FrameReader {
  private final int maxFrameSize;
  private final Handler handler;
  private boolean stopped;

  /// What is done with frames.
  public interface Handler {
    /// A whole frame came, whose shape keeps the rules. The payload is the reader's, and read up to
    /// its end when this returns.
    void frame(int type, int flags, int stream, ByteBuf payload);

    /// A frame came that ends the connection.
    void broken(ErrorCode why, String detail);
  }

  /// @param maxFrameSize the payload that this side takes, bytes
  public FrameReader(int maxFrameSize, Handler handler) {
    this.maxFrameSize = maxFrameSize;
    this.handler = handler;
  }

  /// Reads no more frames.
  public void stop() {
    stopped = true;
  }

  /// Reads all frames that are whole; what is left belongs to the next one. The buffer stays the
  /// caller's.
  public void read(ByteBuf in) {
    while (!stopped && in.readableBytes() >= Frames.HEAD) {
      int at = in.readerIndex();
      int length = in.getUnsignedMedium(at);
      int type = in.getUnsignedByte(at + 3);
      int flags = in.getUnsignedByte(at + 4);
      int stream = in.getInt(at + 5) & Integer.MAX_VALUE;
      if (length > maxFrameSize) {
        handler.broken(ErrorCode.FRAME_SIZE_ERROR, "a frame larger than " + maxFrameSize);
        return;
      }
      ErrorCode problem = Frames.problem(type, flags, stream, length);
      if (problem != null) {
        handler.broken(problem, "a frame of a wrong size, or for a wrong stream");
        return;
      }
      if (in.readableBytes() < Frames.HEAD + length) {
        return;
      }
      int end = at + Frames.HEAD + length;
      int limit = in.writerIndex();
      in.readerIndex(at + Frames.HEAD).writerIndex(end);
      handler.frame(type, flags, stream, in);
      in.writerIndex(limit).readerIndex(end);
    }
    if (stopped) {
      in.skipBytes(in.readableBytes());
    }
  }
}
