package io.whygate.gateway.http2;

import io.netty.buffer.ByteBuf;
import io.whygate.gateway.http.Chunks;
import io.whygate.gateway.http.FieldSection;

/// Writes trailer fields as field blocks.
public final class TrailerBlocks {
  private TrailerBlocks() {}

  /// Whether any of these trailer fields may pass on.
  public static boolean isAny(FieldSection trailers) {
    for (int i = 0; i < trailers.count(); i++) {
      if (Chunks.mayPass(trailers, i)) {
        return true;
      }
    }
    return false;
  }

  /// Writes trailer fields, in a block that neither uses nor changes the table: it may be sent at
  /// any later time.
  public static void write(ByteBuf out, int stream, FieldSection trailers) {
    int start = out.writerIndex();
    out.writeZero(Frames.HEAD);
    byte[] bytes = trailers.bytes();
    for (int i = 0; i < trailers.count(); i++) {
      if (Chunks.mayPass(trailers, i)) {
        HpackEncoder.plain(
            out,
            bytes,
            trailers.nameStart(i),
            trailers.nameEnd(i),
            bytes,
            trailers.valueStart(i),
            trailers.valueEnd(i));
      }
    }
    Frames.headers(out, start, true, stream);
  }
}
