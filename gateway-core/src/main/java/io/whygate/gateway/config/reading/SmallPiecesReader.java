package io.whygate.gateway.config.reading;

import static io.whygate.gateway.config.reading.Bounds.DAY;
import static io.whygate.gateway.config.reading.Bounds.KIB;
import static io.whygate.gateway.config.reading.Bounds.MS;

import io.whygate.gateway.config.SmallPieces;

/// Reads how much content may come in small pieces.
final class SmallPiecesReader {
  private static final int MOST_PIECES = 1_000_000_000;

  private SmallPiecesReader() {}

  static SmallPieces read(Section section) {
    return new SmallPieces(
        (int) section.get("least").size(0, KIB),
        section.get("count").integer(1, MOST_PIECES),
        section.get("window").duration(MS, DAY));
  }
}
