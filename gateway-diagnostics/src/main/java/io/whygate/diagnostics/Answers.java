package io.whygate.diagnostics;

import io.whygate.diagnostics.probe.Observation;
import io.whygate.diagnostics.probe.Probe;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// What an examination found, probe by probe.
///
/// @param besides what no probe found, such as that some were not sent
record Answers(List<Answer> byProbe, List<Observation> besides) {
  static final Answers NONE = new Answers(List.of(), List.of());

  Answers {
    byProbe = List.copyOf(byProbe);
    besides = List.copyOf(besides);
  }

  /// What one probe found.
  ///
  /// @param isCutShort whether its time was up before it was done: what it reports as unanswered
  ///   may yet be answered
  /// @param nanos how long it was at it
  record Answer(Probe probe, List<Observation> found, boolean isCutShort, long nanos) {
    Answer {
      found = List.copyOf(found);
    }
  }

  /// The probes whose time was up before they were done.
  Set<Probe> cutShort() {
    return byProbe.stream()
        .filter(Answer::isCutShort)
        .map(Answer::probe)
        .collect(Collectors.toUnmodifiableSet());
  }

  /// All that was found, in the order in which it came.
  List<Observation> all() {
    return all(Map.of());
  }

  /// The same with what a longer look found in place of what was cut short.
  List<Observation> all(Map<Probe, Answer> longer) {
    var all = new ArrayList<Observation>();
    for (Answer each : byProbe) {
      all.addAll(
          each.isCutShort() ? longer.getOrDefault(each.probe(), each).found() : each.found());
    }
    all.sort(Comparator.comparing(Observation::at));
    all.addAll(besides);
    return all;
  }
}
