package io.whygate.gateway.replay;

import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.Symptom;
import io.whygate.diagnostics.facts.WireFacts;

/// Ends a replay at the moment at which it goes wrong.
final class Breaking extends Exception {
  private static final long serialVersionUID = 1L;

  private final Phase phase;
  private final Symptom symptom;
  private final transient WireFacts.Spot spot;
  private final boolean inHead;

  Breaking(Phase phase, Symptom symptom, String words) {
    this(phase, symptom, words, WireFacts.Spot.NONE, false);
  }

  Breaking(Phase phase, Symptom symptom, String words, WireFacts.Spot spot, boolean inHead) {
    super(words);
    this.phase = phase;
    this.symptom = symptom;
    this.spot = spot;
    this.inHead = inHead;
  }

  Phase phase() {
    return phase;
  }

  Ending.Broken ending(long micros) {
    return new Ending.Broken(phase, symptom, String.valueOf(getMessage()), micros, spot, inHead);
  }
}
