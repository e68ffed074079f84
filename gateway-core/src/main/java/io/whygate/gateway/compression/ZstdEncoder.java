package io.whygate.gateway.compression;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.ZstdCompressCtx;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;

/// The coding `zstd` (RFC 8878): one frame.
final class ZstdEncoder implements Encoder {
  private static final int ROOM = 1024;

  /// Recipients need support no more than 8 MiB (RFC 9659); this is what bounds our own memory.
  private static final int WINDOW_BITS = 18;

  private final ZstdCompressCtx context;

  /// @param length of the whole content, bytes; -1 where it is not known
  ZstdEncoder(int level, long length) {
    context = new ZstdCompressCtx().setLevel(level).setWindowLog(WINDOW_BITS);
    if (length >= 0) {
      context.setPledgedSrcSize(length);
    }
  }

  @Override
  public void write(ByteBuf piece, ByteBuf out) {
    for (ByteBuffer part : piece.nioBuffers()) {
      if (part.isDirect()) {
        encode(part, out);
      } else {
        ByteBuf copy = Unpooled.directBuffer(part.remaining()).writeBytes(part);
        try {
          encode(copy.nioBuffer(), out);
        } finally {
          copy.release();
        }
      }
    }
  }

  private void encode(ByteBuffer part, ByteBuf out) {
    while (part.hasRemaining()) {
      step(part, out, EndDirective.CONTINUE);
    }
  }

  @Override
  public void flush(ByteBuf out) {
    untilDone(out, EndDirective.FLUSH);
  }

  @Override
  public void finish(ByteBuf out) {
    untilDone(out, EndDirective.END);
  }

  private void untilDone(ByteBuf out, EndDirective directive) {
    ByteBuffer nothing = Unpooled.EMPTY_BUFFER.nioBuffer();
    boolean isDone = false;
    while (!isDone) {
      isDone = step(nothing, out, directive);
    }
  }

  /// Whether the directive has been carried out in full.
  private boolean step(ByteBuffer part, ByteBuf out, EndDirective directive) {
    out.ensureWritable(ROOM);
    ByteBuffer room = out.nioBuffer(out.writerIndex(), out.writableBytes());
    int before = room.position();
    boolean isDone = context.compressDirectByteBufferStream(room, part, directive);
    out.writerIndex(out.writerIndex() + room.position() - before);
    return isDone;
  }

  @Override
  public void close() {
    context.close();
  }
}
