package io.whygate.gateway.compression;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.whygate.gateway.config.CompressionSettings.Coding;
import java.util.function.Consumer;

/// The content of one answer on its way through an encoder. Confined to its event loop.
public final class EncodedContent implements AutoCloseable {
  private static final int LEAST = 256;

  private final Coding coding;
  private final Encoder encoder;
  private final Runnable onClose;
  private long plainBytes;
  private boolean isHolding;
  private boolean isClosed;

  /// @param onClose called once
  EncodedContent(Coding coding, Encoder encoder, Runnable onClose) {
    this.coding = coding;
    this.encoder = encoder;
    this.onClose = onClose;
  }

  public Coding coding() {
    return coding;
  }

  /// How much content was encoded, bytes.
  public long plainBytes() {
    return plainBytes;
  }

  /// Encodes a piece, and owns it.
  ///
  /// @return what comes of it so far, possibly nothing; the caller's
  public ByteBuf encode(ByteBuf piece) {
    try {
      plainBytes += piece.readableBytes();
      isHolding = true;
      return filled(Math.max(LEAST, piece.readableBytes() / 2), out -> encoder.write(piece, out));
    } finally {
      piece.release();
    }
  }

  /// What was held back, possibly nothing, so that the client can decode all that came until now;
  /// the caller's.
  public ByteBuf flush() {
    if (!isHolding) {
      return Unpooled.EMPTY_BUFFER;
    }
    isHolding = false;
    return filled(LEAST, encoder::flush);
  }

  /// The end of the content; the caller's.
  public ByteBuf finish() {
    return filled(LEAST, encoder::finish);
  }

  private static ByteBuf filled(int size, Consumer<ByteBuf> fill) {
    ByteBuf out = ByteBufAllocator.DEFAULT.directBuffer(size);
    try {
      fill.accept(out);
      return out;
    } catch (RuntimeException | Error e) {
      out.release();
      throw e;
    }
  }

  /// Gives the encoder's memory back; may be called again.
  @Override
  public void close() {
    if (!isClosed) {
      isClosed = true;
      encoder.close();
      onClose.run();
    }
  }
}
