package io.whygate.diagnostics.verdict.rules;

import io.whygate.diagnostics.probe.Finding.OwnInspected.ServerClock;
import io.whygate.diagnostics.verdict.CaseFile;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/// What the clocks of the other servers say of the gateway's.
///
/// @param agreeing how many do not contradict it
/// @param contradicting how many do
/// @param usual how far those lie ahead, the one in the middle; zero where there is none
record Witnesses(long agreeing, long contradicting, Duration usual) {

  /// @param contradicts whether a clock that lies this far ahead contradicts the gateway's
  static Witnesses of(CaseFile file, Predicate<Duration> contradicts) {
    List<Duration> others =
        file.own().stream()
            .flatMap(own -> own.clocks().stream())
            .filter(each -> !file.endpoint().filter(each.endpoint()::equals).isPresent())
            .map(ServerClock::ahead)
            .sorted()
            .toList();
    List<Duration> against = others.stream().filter(contradicts).toList();
    return new Witnesses(
        others.size() - against.size(),
        against.size(),
        against.isEmpty() ? Duration.ZERO : against.get(against.size() / 2));
  }
}
