package io.whygate.gateway.acme.client;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.shredzone.acme4j.PollableResource;
import org.shredzone.acme4j.Status;
import org.shredzone.acme4j.exception.AcmeException;

/// Asks for a state again and again, as often as the authority wants (Retry-After), else slower and
/// slower.
final class Polling {
  private static final Duration FIRST = Duration.ofMillis(250);
  private static final Duration SLOWEST = Duration.ofSeconds(5);

  private Polling() {}

  /// Returns the first of the wanted states that the resource has, or the one that it is in at the
  /// end. Blocks.
  static Status await(PollableResource resource, Set<Status> wanted, Instant end)
      throws AcmeException, InterruptedException {
    Duration pause = FIRST;
    while (true) {
      Optional<Instant> asked = resource.fetch();
      Status status = resource.getStatus();
      Instant now = Instant.now();
      if (wanted.contains(status) || !now.isBefore(end)) {
        return status;
      }
      Instant next = asked.filter(each -> each.isAfter(now)).orElse(now.plus(pause));
      Thread.sleep(Duration.between(now, next.isBefore(end) ? next : end));
      pause = pause.multipliedBy(2).compareTo(SLOWEST) < 0 ? pause.multipliedBy(2) : SLOWEST;
    }
  }
}
