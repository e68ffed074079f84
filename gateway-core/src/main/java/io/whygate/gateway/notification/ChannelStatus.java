package io.whygate.gateway.notification;

import java.time.Instant;
import java.util.Optional;

/// How a channel does.
///
/// @param type such as `email`
/// @param waiting news that are not told yet
/// @param counts what became of the news until now
/// @param lastSent when a message last arrived
/// @param lastFailure the latest that did not
public record ChannelStatus(
    String name,
    String type,
    int waiting,
    Counts counts,
    Optional<Instant> lastSent,
    Optional<Failure> lastFailure) {

  /// News by what became of them.
  ///
  /// @param dropped those for which there was no room
  public record Counts(long sent, long failed, long dropped) {}

  /// A message, or a try of it, that did not arrive.
  public record Failure(Instant at, String why) {}

  /// Whether the latest message did not arrive.
  public boolean isFailing() {
    return lastFailure
        .filter(failure -> lastSent.filter(failure.at()::isBefore).isEmpty())
        .isPresent();
  }
}
