package io.whygate.diagnostics.incident.journal;

import io.whygate.diagnostics.json.JsonWriter;
import io.whygate.diagnostics.json.Members;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.diagnostics.verdict.Evidence;
import io.whygate.diagnostics.verdict.RunnerUp;
import io.whygate.diagnostics.verdict.Step;
import io.whygate.diagnostics.verdict.StepNote;
import io.whygate.diagnostics.verdict.StepReport;
import io.whygate.diagnostics.verdict.StepState;
import io.whygate.diagnostics.verdict.Verdict;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// A diagnosis as a JSON object. Its remedy is left out: an address that proved itself before a
/// restart has to do so again.
final class DiagnosisRecord {
  private DiagnosisRecord() {}

  static void write(JsonWriter json, Diagnosis diagnosis) {
    Verdict verdict = diagnosis.verdict();
    json.object()
        .member("cause", verdict.cause().code())
        .member("confidence", verdict.confidence())
        .member("because", verdict.because())
        .member("by_log", verdict.byLog())
        .member("retryable", diagnosis.retryable())
        .member("at", diagnosis.at())
        .member("elapsed_us", diagnosis.elapsedMicros());
    diagnosis.retryAfterSeconds().ifPresent(each -> json.member("retry_after_s", each));
    json.name("parameters").object();
    verdict.parameters().forEach(json::member);
    json.end();
    ExchangeRecord.write(json.name("exchange"), diagnosis.exchange());
    steps(json, diagnosis.steps());
    evidence(json, diagnosis.evidence());
    json.name("runners_up").array();
    for (RunnerUp each : diagnosis.runnersUp()) {
      json.object()
          .member("cause", each.cause().code())
          .member("confidence", each.confidence())
          .member("against", each.against())
          .end();
    }
    json.end().end();
  }

  private static void steps(JsonWriter json, List<StepReport> steps) {
    json.name("steps").array();
    for (StepReport each : steps) {
      json.object()
          .member("step", each.step().name())
          .member("state", each.state().name())
          .member("note", each.note().name());
      json.name("arguments").array();
      each.arguments().forEach(argument -> argument(json, argument));
      json.end().end();
    }
    json.end();
  }

  private static void argument(JsonWriter json, Object argument) {
    switch (argument) {
      case Double number -> json.value(number);
      case Number number -> json.value(number.longValue());
      case Duration time -> json.value("duration " + time);
      default -> json.value("text " + argument);
    }
  }

  private static void evidence(JsonWriter json, List<Evidence> evidence) {
    json.name("evidence").array();
    for (Evidence each : evidence) {
      json.object()
          .member("probe", each.probe())
          .member("asked", each.asked())
          .member("of", each.of())
          .member("answer", each.answer())
          .member("at", each.at())
          .member("took_us", each.tookMicros())
          .end();
    }
    json.end();
  }

  static Diagnosis diagnosis(String upstream, Members from) {
    Map<String, String> parameters = new HashMap<>();
    from.object("parameters")
        .values()
        .forEach((name, value) -> parameters.put(name, String.valueOf(value)));
    Verdict verdict =
        new Verdict(
            cause(from),
            from.decimal("confidence"),
            from.text("because"),
            from.flag("by_log"),
            parameters);
    return new Diagnosis(
        ExchangeRecord.exchange(upstream, from.object("exchange")),
        verdict,
        from.objects("steps").stream().map(DiagnosisRecord::step).toList(),
        from.objects("evidence").stream().map(DiagnosisRecord::evidence).toList(),
        from.objects("runners_up").stream().map(DiagnosisRecord::runnerUp).toList(),
        Optional.empty(),
        from.has("retry_after_s")
            ? OptionalLong.of(from.number("retry_after_s"))
            : OptionalLong.empty(),
        from.flag("retryable"),
        from.moment("at"),
        from.number("elapsed_us"));
  }

  private static Cause cause(Members from) {
    String code = from.text("cause");
    return Cause.ofCode(code)
        .orElseThrow(
            () -> new IllegalArgumentException("cause: " + code + " (expected: a known one)"));
  }

  private static StepReport step(Members from) {
    List<Object> arguments =
        from.elements("arguments").stream().map(DiagnosisRecord::argument).toList();
    return new StepReport(
        from.constant("step", Step.class),
        from.constant("state", StepState.class),
        from.constant("note", StepNote.class),
        arguments);
  }

  private static Object argument(Object read) {
    if (read instanceof Double number) {
      return number == Math.rint(number) ? (Object) number.longValue() : number;
    }
    String text = String.valueOf(read);
    return text.startsWith("duration ")
        ? Duration.parse(text.substring("duration ".length()))
        : text.substring("text ".length());
  }

  private static Evidence evidence(Members from) {
    return new Evidence(
        from.text("probe"),
        from.text("asked"),
        from.text("of"),
        from.text("answer"),
        from.moment("at"),
        from.number("took_us"));
  }

  private static RunnerUp runnerUp(Members from) {
    return new RunnerUp(cause(from), from.decimal("confidence"), from.text("against"));
  }
}
