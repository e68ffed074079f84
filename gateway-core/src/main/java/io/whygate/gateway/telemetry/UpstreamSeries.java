package io.whygate.gateway.telemetry;

import io.whygate.diagnostics.facts.Symptom;
import io.whygate.gateway.config.CompressionSettings.Coding;
import java.util.List;

/// What one event loop tried at one upstream.
///
/// @param outcomes how many attempts ended in which way, by the position in [#OUTCOMES]
/// @param symptoms how many failed attempts showed which symptom, by [#symptomCell]
/// @param encodings what was compressed, by [#encodingCell]
record UpstreamSeries(String upstream, Cells outcomes, Cells symptoms, Cells encodings)
    implements Series {
  static final int SUCCESS = 0;
  static final int FAILURE = 1;
  static final int CANCELLED = 2;
  static final int EXPIRED = 3;

  /// The label values of [#outcomes].
  static final List<String> OUTCOMES = List.of("success", "failure", "cancelled", "expired");

  static final List<Symptom> SYMPTOMS = List.of(Symptom.values());

  static final List<Coding> CODINGS = List.of(Coding.values());

  /// What is counted of each coding: answers, bytes before, bytes after.
  static final int AMOUNTS = 3;

  UpstreamSeries(String upstream) {
    this(
        upstream,
        new Cells(OUTCOMES.size()),
        new Cells(SYMPTOMS.size()),
        new Cells(CODINGS.size() * AMOUNTS));
  }

  /// The cell of [#symptoms] for this symptom, and its place in [#SYMPTOMS].
  @SuppressWarnings("EnumOrdinal") // the position lives no longer than the process
  static int symptomCell(Symptom symptom) {
    return symptom.ordinal();
  }

  /// The first of the cells of [#encodings] that count this coding.
  @SuppressWarnings("EnumOrdinal") // the position lives no longer than the process
  static int encodingCell(Coding coding) {
    return coding.ordinal() * AMOUNTS;
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
