package io.whygate.gateway.compression;

import com.aayushatharva.brotli4j.encoder.Encoder.Mode;
import com.aayushatharva.brotli4j.encoder.EncoderJNI;
import com.aayushatharva.brotli4j.encoder.EncoderJNI.Operation;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/// The coding `br` (RFC 7932).
final class BrotliEncoder implements Encoder {
  /// What is taken at a time, bytes.
  private static final int PIECE = 16 * 1024;

  /// What bounds its memory.
  private static final int WINDOW_BITS = 18;

  private final EncoderJNI.Wrapper encoder;

  BrotliEncoder(int quality) {
    try {
      encoder = new EncoderJNI.Wrapper(PIECE, quality, WINDOW_BITS, Mode.GENERIC);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void write(ByteBuf piece, ByteBuf out) {
    int from = piece.readerIndex();
    int end = piece.writerIndex();
    while (from < end) {
      ByteBuffer input = encoder.getInputBuffer();
      input.clear().limit(Math.min(PIECE, end - from));
      from += input.remaining();
      piece.getBytes(from - input.remaining(), input);
      push(Operation.PROCESS, input.limit(), out);
    }
  }

  @Override
  public void flush(ByteBuf out) {
    push(Operation.FLUSH, 0, out);
  }

  @Override
  public void finish(ByteBuf out) {
    push(Operation.FINISH, 0, out);
  }

  private void push(Operation operation, int length, ByteBuf out) {
    encoder.push(operation, length);
    drain(out);
    while (encoder.hasRemainingInput()) {
      encoder.push(operation, 0);
      drain(out);
    }
  }

  private void drain(ByteBuf out) {
    if (!encoder.isSuccess()) {
      throw new IllegalStateException("the Brotli encoder failed");
    }
    while (encoder.hasMoreOutput()) {
      out.writeBytes(encoder.pull());
    }
  }

  @Override
  public void close() {
    encoder.destroy();
  }
}
