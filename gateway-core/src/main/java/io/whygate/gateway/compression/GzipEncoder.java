package io.whygate.gateway.compression;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/// The coding `gzip` (RFC 1952).
final class GzipEncoder implements Encoder {
  private static final int ROOM = 1024;
  private static final byte[] HEAD = {
    0x1f, (byte) 0x8b, Deflater.DEFLATED, 0, 0, 0, 0, 0, 0, (byte) 0xff
  };

  private final Deflater deflater;
  private final CRC32 sum = new CRC32();
  private boolean begun;

  GzipEncoder(int level) {
    deflater = new Deflater(level, true);
  }

  @Override
  public void write(ByteBuf piece, ByteBuf out) {
    begin(out);
    for (ByteBuffer part : piece.nioBuffers()) {
      sum.update(part.duplicate());
      deflater.setInput(part);
      while (!deflater.needsInput()) {
        deflate(out, Deflater.NO_FLUSH);
      }
    }
  }

  @Override
  public void flush(ByteBuf out) {
    begin(out);
    boolean isFull = true;
    while (isFull) {
      isFull = deflate(out, Deflater.SYNC_FLUSH);
    }
  }

  @Override
  public void finish(ByteBuf out) {
    begin(out);
    deflater.finish();
    while (!deflater.finished()) {
      deflate(out, Deflater.NO_FLUSH);
    }
    out.writeIntLE((int) sum.getValue());
    out.writeIntLE((int) deflater.getBytesRead());
  }

  private void begin(ByteBuf out) {
    if (!begun) {
      begun = true;
      out.writeBytes(HEAD);
    }
  }

  /// Whether all room was used, so that more may come.
  private boolean deflate(ByteBuf out, int mode) {
    out.ensureWritable(ROOM);
    ByteBuffer room = out.nioBuffer(out.writerIndex(), out.writableBytes());
    int written = deflater.deflate(room, mode);
    out.writerIndex(out.writerIndex() + written);
    return !room.hasRemaining();
  }

  @Override
  public void close() {
    deflater.end();
  }
}
