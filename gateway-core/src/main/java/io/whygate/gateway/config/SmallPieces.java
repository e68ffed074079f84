package io.whygate.gateway.config;

import java.time.Duration;

/// How much content may come in pieces, chunks or DATA frames, that bring less than they cost. Each
/// piece costs as much as its content falls short of the least, and what is beyond it pays back.
///
/// @param least content that a piece has to carry on average, bytes; 0 where any will do
/// @param count pieces that may have none
/// @param window after which all is forgotten
public record SmallPieces(int least, int count, Duration window) {
  /// No limit.
  public static final SmallPieces ANY = new SmallPieces(0, 0, Duration.ZERO);
}
