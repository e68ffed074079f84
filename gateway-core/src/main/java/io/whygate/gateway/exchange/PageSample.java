package io.whygate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/// The beginning of a page that a server answers with, looked at now and then so that the site is
/// known again.
///
/// @param server what the server calls itself
record PageSample(Explainer explainer, Attempt attempt, String server) {
  private static final int MOST_BYTES = 2048;

  /// Takes the first piece of the content, which stays the caller's.
  void take(ByteBuf piece) {
    int length = Math.min(piece.readableBytes(), MOST_BYTES);
    explainer.samplePage(
        attempt, server, piece.toString(piece.readerIndex(), length, StandardCharsets.UTF_8));
  }
}
