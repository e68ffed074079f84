package io.whygate.diagnostics.memory;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.probe.Finding.OwnInspected.ServerClock;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;

/// The clocks of servers, as their Date fields told them: witnesses of whether the gateway's own is
/// right. Safe for use by many threads.
///
/// What a server's clock says now is what it said, and the time that has passed since by the
/// system's steady timer: so a step of the gateway's clock shows at once.
public final class Clocks {
  private static final int MOST = 1_000;
  private static final Duration HEARD_AGAIN = Duration.ofSeconds(10);
  private static final Duration KEPT = Duration.ofHours(1);

  private final Clock clock;
  private final Cache<Endpoint, Heard> heard =
      Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(KEPT).build();

  private record Heard(Instant theirs, long nanos) {}

  /// @param clock the gateway's own
  public Clocks(Clock clock) {
    this.clock = clock;
  }

  /// Whether it is time to hear an endpoint's clock again; cheap.
  public boolean wants(Endpoint endpoint) {
    Heard last = heard.getIfPresent(endpoint);
    return last == null || System.nanoTime() - last.nanos() > HEARD_AGAIN.toNanos();
  }

  /// An endpoint answered with this Date field; one that is no date is not kept.
  public void heard(Endpoint endpoint, String date) {
    try {
      Instant theirs = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      heard.put(endpoint, new Heard(theirs, System.nanoTime()));
    } catch (DateTimeException e) {
      heard.invalidate(endpoint);
    }
  }

  /// How far each clock lies ahead of the gateway's now.
  public List<ServerClock> now() {
    Instant ours = clock.instant();
    long nanos = System.nanoTime();
    return heard.asMap().entrySet().stream()
        .map(each -> {
          Heard told = each.getValue();
          Instant theirs = told.theirs().plusNanos(nanos - told.nanos());
          return new ServerClock(each.getKey(), Duration.between(ours, theirs));
        })
        .toList();
  }
}
