package io.whygate.diagnostics.verdict;

import io.whygate.diagnostics.facts.ExchangeFailure;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.facts.RequestProcessed;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// What is wrong with a certificate that the gateway itself shows, known before a request has met
/// it: nothing is asked or judged, as what is told was told by the authority or by the certificate.
///
/// @param cause one of `gateway.certificate-*`
/// @param certificate its first name, such as `shop.example.com`
/// @param because one English sentence for operators
/// @param parameters what fills the places of the operator's texts
/// @param evidence what was asked and answered
public record CertificateTrouble(
    Cause cause,
    String certificate,
    String because,
    Map<String, String> parameters,
    List<Evidence> evidence) {
  public CertificateTrouble {
    parameters = Map.copyOf(parameters);
    evidence = List.copyOf(evidence);
  }

  /// What stands in an incident where others have the name of an upstream.
  public String subject() {
    return subject(certificate);
  }

  /// The same for a certificate of this first name.
  public static String subject(String certificate) {
    return "certificate:" + certificate;
  }

  /// The same as a diagnosis of an exchange that never was.
  public Diagnosis diagnosed(Instant now) {
    return new Diagnosis(
        new FailedExchange(
            subject(),
            new RequestFacts("", "", certificate, "https", 0),
            new ExchangeFailure.OwnCertificate(),
            List.of(),
            RequestProcessed.NOT_SENT,
            now,
            0),
        new Verdict(cause, 1, because, parameters),
        Arrays.stream(Step.values()).map(CertificateTrouble::report).toList(),
        evidence,
        List.of(),
        Optional.empty(),
        OptionalLong.empty(),
        true,
        now,
        0);
  }

  private static StepReport report(Step step) {
    return step == Step.HOST
        ? StepReport.of(step, StepState.FAILED, StepNote.HOST_FAILED)
        : StepReport.of(step, StepState.SKIPPED, StepNote.RELOAD_NOTHING_TO_TRY);
  }
}
