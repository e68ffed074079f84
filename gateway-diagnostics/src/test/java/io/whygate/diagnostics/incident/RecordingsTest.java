package io.whygate.diagnostics.incident;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.facts.ExchangeFailure;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.facts.RequestProcessed;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Which exchanges of an incident are kept.
final class RecordingsTest {
  private static FailedExchange exchange(String path) {
    return new FailedExchange(
        "shop",
        new RequestFacts("GET", path, "shop.example", "http", 0),
        new ExchangeFailure.AttemptsExhausted(),
        List.of(),
        RequestProcessed.NOT_SENT,
        Instant.parse("2026-11-23T14:03:07Z"),
        1);
  }

  private static void note(Recordings recordings, String incident, String path) {
    recordings.note(
        incident,
        exchange(path),
        _ -> new RecordedRequest("GET", path, List.of(), 0, Optional.empty(), false));
  }

  private static List<String> paths(Recordings recordings, String incident) {
    return recordings.of(incident).stream().map(each -> each.request().target()).toList();
  }

  /// Failures that come one after the other, an hour apart.
  private static Recordings recordings(RecordingSettings settings) {
    AtomicLong nanos = new AtomicLong();
    return new Recordings(settings, () -> nanos.addAndGet(Duration.ofHours(1).toNanos()));
  }

  @Test
  void ofAFloodNotEveryOneIsWrittenDown() {
    AtomicLong nanos = new AtomicLong();
    Recordings recordings = new Recordings(RecordingSettings.STANDARD, nanos::get);
    for (int i = 0; i < 1000; i++) {
      note(recordings, "a", "/" + i);
      nanos.addAndGet(Duration.ofMillis(1).toNanos() - 1);
    }
    assertThat(paths(recordings, "a")).containsExactly("/0", "/19");
    nanos.addAndGet(1000);
    note(recordings, "a", "/later");
    assertThat(paths(recordings, "a")).containsExactly("/0", "/later");
  }

  @Test
  void theFirstAndTheLastOfAnIncidentAreKept() {
    Recordings recordings = recordings(RecordingSettings.STANDARD);
    note(recordings, "a", "/1");
    assertThat(paths(recordings, "a")).containsExactly("/1");
    note(recordings, "a", "/2");
    note(recordings, "b", "/other");
    note(recordings, "a", "/3");
    assertThat(paths(recordings, "a")).containsExactly("/1", "/3");
    assertThat(recordings.last("a").orElseThrow().exchange().request().path()).isEqualTo("/3");
    assertThat(recordings.last("c")).isEmpty();
  }

  @Test
  void noMoreIncidentsAreKeptThanTheSettingsAllow() {
    Recordings recordings = recordings(new RecordingSettings(10, 1024, 0));
    IntStream.range(0, 1000).forEach(i -> note(recordings, "incident-" + i, "/"));
    for (int i = 0; i < 1000 && kept(recordings) > 10; i++) {
      // What is too much goes on a thread of the cache's own.
      Thread.onSpinWait();
      Thread.yield();
    }
    assertThat(kept(recordings)).isLessThanOrEqualTo(10);
  }

  private static long kept(Recordings recordings) {
    return IntStream.range(0, 1000).filter(i -> !recordings.of("incident-" + i).isEmpty()).count();
  }

  @Test
  void nothingIsMadeWhereNothingIsKept() {
    Recordings recordings = new Recordings(new RecordingSettings(0, 1024, 512));
    recordings.note(
        "a",
        exchange("/"),
        _ -> {
          throw new AssertionError("made for nothing");
        });
    assertThat(recordings.of("a")).isEmpty();
    assertThat(recordings.bodyBytes()).isZero();
  }
}
