package io.whygate.gateway.telemetry;

import io.whygate.diagnostics.facts.Symptom;
import java.util.List;

/// What one event loop tried at one upstream.
///
/// @param outcomes how many attempts ended in which way, by the position in [#OUTCOMES]
/// @param symptoms how many failed attempts showed which symptom, by [#symptomCell]
record UpstreamSeries(String upstream, Cells outcomes, Cells symptoms) implements Series {
  static final int SUCCESS = 0;
  static final int FAILURE = 1;
  static final int CANCELLED = 2;

  /// The label values of [#outcomes].
  static final List<String> OUTCOMES = List.of("success", "failure", "cancelled");

  static final List<Symptom> SYMPTOMS = List.of(Symptom.values());

  UpstreamSeries(String upstream) {
    this(upstream, new Cells(OUTCOMES.size()), new Cells(SYMPTOMS.size()));
  }

  /// The cell of [#symptoms] for this symptom, and its place in [#SYMPTOMS].
  @SuppressWarnings("EnumOrdinal") // the position lives no longer than the process
  static int symptomCell(Symptom symptom) {
    return symptom.ordinal();
  }

  @Override
  public boolean matches(String first, String second, String third) {
    return upstream.equals(first);
  }

  @Override
  public int labelHash() {
    return SeriesTable.hash(upstream, "", "");
  }
}
