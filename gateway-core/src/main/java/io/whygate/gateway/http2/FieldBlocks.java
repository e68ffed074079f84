package io.whygate.gateway.http2;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/// Gathers the fragments of a field block from HEADERS and CONTINUATION frames (RFC 9113 section
/// 4.3) and decodes it. Confined to its event loop.
public final class FieldBlocks {
  /// The table that this side offers: the size that HPACK begins with.
  private static final int TABLE_SIZE = 4096;

  private final HpackDecoder decoder = new HpackDecoder(TABLE_SIZE);
  private final int maxSize;
  private final int maxContinuations;
  private byte[] block = new byte[512];
  private int length;
  private int stream;
  private boolean endStream;
  private int continuations;

  /// @param maxSize of a block, bytes
  public FieldBlocks(int maxSize, int maxContinuations) {
    this.maxSize = maxSize;
    this.maxContinuations = maxContinuations;
  }

  /// Begins a block.
  public void begin(int ofStream, boolean endsStream) {
    stream = ofStream;
    endStream = endsStream;
    length = 0;
    continuations = 0;
  }

  /// The stream whose block is being gathered; 0 where none is.
  public int stream() {
    return stream;
  }

  /// Whether the block ends its stream.
  public boolean endsStream() {
    return endStream;
  }

  /// Counts a CONTINUATION; false where there are too many.
  public boolean goesOn() {
    return ++continuations <= maxContinuations;
  }

  /// Takes a fragment; false where the block grows too large.
  public boolean add(ByteBuf fragment, int size) {
    if (length + size > maxSize) {
      return false;
    }
    if (length + size > block.length) {
      block = Arrays.copyOf(block, Math.max(length + size, block.length * 2));
    }
    fragment.readBytes(block, length, size);
    length += size;
    return true;
  }

  /// Decodes the block, which is whole.
  ///
  /// @return whether the connection's compression is intact
  public boolean decode(HpackDecoder.Sink sink) {
    stream = 0;
    boolean intact = decoder.decode(block, 0, length, sink);
    if (block.length > 16_384) {
      block = new byte[512];
    }
    return intact;
  }
}
