package io.whygate.gateway.compression;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.decoder.DecoderJNI;
import com.github.luben.zstd.ZstdInputStream;
import io.whygate.gateway.config.CompressionSettings.Coding;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.zip.GZIPInputStream;

/// Decodes what was encoded, as a browser would.
public final class Decoding {
  private Decoding() {}

  public static InputStream of(Coding coding, InputStream encoded) throws IOException {
    return switch (coding) {
      case GZIP -> new GZIPInputStream(encoded);
      case BR -> {
        Brotli4jLoader.ensureAvailability();
        yield new Brotli(encoded);
      }
      case ZSTD -> new ZstdInputStream(encoded);
    };
  }

  /// The whole content; an exception where it does not end as the coding wants.
  public static byte[] whole(Coding coding, byte[] encoded) throws IOException {
    try (InputStream in = of(coding, new ByteArrayInputStream(encoded))) {
      return in.readAllBytes();
    }
  }

  /// Gives what it has as soon as it has it, which the library's own stream does not.
  private static final class Brotli extends InputStream {
    private final InputStream encoded;
    private final DecoderJNI.Wrapper decoder = new DecoderJNI.Wrapper(16 * 1024);
    private ByteBuffer decoded = ByteBuffer.allocate(0);

    Brotli(InputStream encoded) throws IOException {
      this.encoded = encoded;
    }

    @Override
    public int read() throws IOException {
      while (!decoded.hasRemaining()) {
        if (decoder.hasOutput()) {
          decoded = decoder.pull();
        } else if (decoder.getStatus() == DecoderJNI.Status.DONE) {
          return -1;
        } else if (decoder.getStatus() == DecoderJNI.Status.NEEDS_MORE_OUTPUT) {
          decoder.push(0);
        } else {
          int next = encoded.read();
          if (next < 0 || decoder.getStatus() == DecoderJNI.Status.ERROR) {
            throw new IOException("no end, or not Brotli's");
          }
          decoder.getInputBuffer().clear().put((byte) next);
          decoder.push(1);
        }
      }
      return decoded.get() & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int next = length == 0 ? -1 : read();
      if (next >= 0) {
        bytes[offset] = (byte) next;
      }
      return length == 0 ? 0 : next < 0 ? -1 : 1;
    }

    @Override
    public void close() throws IOException {
      decoder.destroy();
      encoded.close();
    }
  }
}
