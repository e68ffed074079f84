package io.whygate.gateway.connection.http1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.ByteToMessageDecoder;
import org.jspecify.annotations.Nullable;

/// Bytes that came and are not to be read yet.
final class KeptBytes {
  private final ByteBufAllocator alloc;
  private @Nullable ByteBuf bytes;

  KeptBytes(ByteBufAllocator alloc) {
    this.alloc = alloc;
  }

  /// Keeps all that the buffer holds; the buffer itself stays the caller's.
  void add(ByteBuf in) {
    ByteBuf before = bytes;
    ByteBuf more = in.readRetainedSlice(in.readableBytes());
    bytes =
        before == null ? more : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(alloc, before, more);
  }

  int size() {
    return bytes == null ? 0 : bytes.readableBytes();
  }

  /// Hands out what is kept; the caller owns it.
  ByteBuf take() {
    ByteBuf all = bytes;
    bytes = null;
    return all == null ? Unpooled.EMPTY_BUFFER : all;
  }

  /// Lets go of what is kept.
  void clear() {
    if (bytes != null) {
      bytes.release();
      bytes = null;
    }
  }
}
