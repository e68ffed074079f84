package io.whygate.diagnostics.page;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.page.Reader.Audience;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.diagnostics.verdict.Step;
import io.whygate.diagnostics.verdict.StepNote;
import io.whygate.diagnostics.verdict.StepReport;
import io.whygate.diagnostics.verdict.StepState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/// Writes the page of every cause, in every language, into a folder, to be looked at in a browser.
final class Gallery {
  private Gallery() {}

  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createDirectories(Path.of(arguments[0]));
    Pages pages = new Pages("whygate", Branding.NONE);
    for (Cause cause : Cause.values()) {
      for (Language language : Language.BUILT_IN) {
        write(folder, pages, cause, language, "GET");
        write(folder, pages, cause, language, "POST");
      }
    }
  }

  private static void write(Path folder, Pages pages, Cause cause, Language language, String method)
      throws IOException {
    RequestProcessed processed =
        method.equals("GET") ? RequestProcessed.NOT_SENT : RequestProcessed.UNKNOWN;
    Diagnosis diagnosis =
        Examples.diagnosis(
            cause, Examples.exchange(method, processed, new AttemptFailure.ConnectRefused()));
    Diagnosis shown =
        new Diagnosis(
            diagnosis.exchange(),
            diagnosis.verdict(),
            diagnosis.steps().stream()
                .map(s ->
                    s.step() == Step.RELOAD && s.state() != StepState.FAILED
                        ? StepReport.of(s.step(), StepState.PASSED, StepNote.RELOAD_TRIED, 2, 40)
                        : s)
                .toList(),
            diagnosis.evidence(),
            diagnosis.runnersUp(),
            diagnosis.remedy(),
            cause == Cause.DNS_DRIFT ? OptionalLong.of(900) : diagnosis.retryAfterSeconds(),
            !cause.category().equals("tls"),
            diagnosis.at(),
            diagnosis.elapsedMicros());
    Incident incident = Examples.incident(shown);
    Reader reader = new Reader(Audience.VISITOR, method, Form.HTML, language, false);
    Page page = pages.render(shown, shown.exchange(), incident, reader);
    String name = cause.code() + "." + language.tag() + (method.equals("GET") ? "" : ".form");
    Files.write(folder.resolve(name + ".html"), page.body());
    Files.writeString(
        folder.resolve("content-security-policy.txt"), page.header("Content-Security-Policy"));
  }
}
