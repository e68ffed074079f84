package io.whygate.gateway.compression;

import io.netty.buffer.ByteBuf;

/// Encodes one content by one coding. Confined to an event loop; holds native memory until
/// [#close].
interface Encoder extends AutoCloseable {
  /// Takes a piece of the content, which stays the caller's, and appends what comes of it so far.
  void write(ByteBuf piece, ByteBuf out);

  /// Appends all that was held back, so that what was written can be decoded.
  void flush(ByteBuf out);

  /// Appends the end.
  void finish(ByteBuf out);

  @Override
  void close();
}
