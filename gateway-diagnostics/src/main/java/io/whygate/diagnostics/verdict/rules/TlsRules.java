package io.whygate.diagnostics.verdict.rules;

import static io.whygate.diagnostics.verdict.Cause.APPLICATION_NOT_HTTP;
import static io.whygate.diagnostics.verdict.Cause.APPLICATION_PROTOCOL_MISMATCH;
import static io.whygate.diagnostics.verdict.Cause.TLS_CIPHER_MISMATCH;
import static io.whygate.diagnostics.verdict.Cause.TLS_CLIENT_CERTIFICATE_REQUIRED;
import static io.whygate.diagnostics.verdict.Cause.TLS_HANDSHAKE_TIMEOUT;
import static io.whygate.diagnostics.verdict.Cause.TLS_PLAINTEXT_UPSTREAM;
import static io.whygate.diagnostics.verdict.Cause.TLS_REQUIRED;
import static io.whygate.diagnostics.verdict.Cause.TLS_UNRECOGNIZED_NAME;
import static io.whygate.diagnostics.verdict.Cause.TLS_VERSION_MISMATCH;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectionLost;
import io.whygate.diagnostics.facts.AttemptFailure.MalformedResponse;
import io.whygate.diagnostics.facts.AttemptFailure.TimedOut;
import io.whygate.diagnostics.facts.AttemptFailure.TlsRejected;
import io.whygate.diagnostics.facts.AttemptFailure.UpstreamStatus;
import io.whygate.diagnostics.facts.BlockPage;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.ResponseProblem;
import io.whygate.diagnostics.probe.ClientHello.Kind;
import io.whygate.diagnostics.probe.Finding.Asked;
import io.whygate.diagnostics.probe.Finding.Greeted;
import io.whygate.diagnostics.probe.Finding.Greeted.GreetOutcome;
import io.whygate.diagnostics.probe.Finding.Handshaken;
import io.whygate.diagnostics.probe.Finding.Plain;
import io.whygate.diagnostics.verdict.CaseFile;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Opinion;
import io.whygate.diagnostics.verdict.VerdictRule;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// TLS between the gateway and the server, but for the certificate itself: versions, suites, names,
/// and a scheme that is configured wrongly.
public final class TlsRules implements VerdictRule {
  private static final int HANDSHAKE_FAILURE = 40;
  private static final int PROTOCOL_VERSION = 70;
  private static final int INSUFFICIENT_SECURITY = 71;
  private static final int INTERNAL_ERROR = 80;
  private static final int UNRECOGNIZED_NAME = 112;
  private static final int CERTIFICATE_REQUIRED = 116;
  private static final int NO_APPLICATION_PROTOCOL = 120;

  /// What servers answer to a client that shows no certificate, or one that they do not take (RFC
  /// 8446 section 6.2).
  private static final Set<Integer> ABOUT_A_CERTIFICATE = Set.of(41, 42, 43, 44, 45, 46, 48, 49);

  /// Alerts that are about the versions, suites and protocols that a client offers.
  private static final Set<Integer> OFFER_REFUSED =
      Set.of(HANDSHAKE_FAILURE, PROTOCOL_VERSION, INSUFFICIENT_SECURITY, NO_APPLICATION_PROTOCOL);

  /// Below what a cause is named by.
  private static final double A_GUESS = 0.4;

  /// What nginx, Apache, Go and Tomcat say to plain HTTP on a port of TLS.
  private static final List<String> TLS_WANTED =
      List.of(
          "plain HTTP request was sent to HTTPS port",
          "speaking plain HTTP to an SSL-enabled server port",
          "Client sent an HTTP request to an HTTPS server",
          "requires TLS");

  @Override
  public List<Opinion> judge(CaseFile file) {
    return file.failure().flatMap(failure -> judge(file, failure)).map(List::of).orElse(List.of());
  }

  private static Optional<Opinion> judge(CaseFile file, AttemptFailure failure) {
    if (file.endpoint().filter(Endpoint::isTcp).isPresent()) {
      // Its client's handshake, passed on: the alert is all that can be seen of it.
      return failure instanceof TlsRejected rejected
          ? rejected(file, rejected).map(each -> ofClient(each, rejected.alert()))
          : Optional.empty();
    }
    if (file.endpoint().filter(Endpoint::isTls).isEmpty()) {
      return required(file, failure);
    }
    return switch (failure) {
      case TlsRejected rejected -> rejected(file, rejected);
      case ConnectionLost(Phase phase, _) when phase == Phase.TLS_HANDSHAKE -> closed(file);
      case TimedOut(Phase phase, _) when phase == Phase.TLS_HANDSHAKE -> silent(file);
      case ConnectionLost _ when received(file) == 0 -> closedAfterHandshake(file);
      case UpstreamStatus status when BlockPage.wantsCertificate(status.blockMark()) ->
          Optional.of(
              holds(
                  file,
                  TLS_CLIENT_CERTIFICATE_REQUIRED,
                  0.95,
                  "The server completes the handshake, and answers "
                      + status.status()
                      + " ('"
                      + status.blockMark()
                      + "')."));
      default -> Optional.empty();
    };
  }

  /// What the server refuses of its client's offer may be that client's own: it is no more than a
  /// guess that all are refused so.
  private static Opinion ofClient(Opinion opinion, int alert) {
    return OFFER_REFUSED.contains(alert)
        ? Opinion.holds(
            opinion.cause(),
            Math.min(opinion.confidence(), A_GUESS),
            opinion.verdict().because(),
            opinion.verdict().parameters())
        : opinion;
  }

  private static Opinion holds(CaseFile file, Cause cause, double confidence, String because) {
    String expected =
        file.endpoint().filter(Endpoint::isTcp).isPresent()
            ? file.exchange().request().host()
            : file.facts().serverName().or(() -> file.endpoint().map(Endpoint::host)).orElse("");
    return Opinion.holds(cause, confidence, because, file.parameters("expected", expected));
  }

  /// Plain HTTP is configured, and the port wants TLS.
  private static Optional<Opinion> required(CaseFile file, AttemptFailure failure) {
    if (failure instanceof MalformedResponse m
        && (m.problem() == ResponseProblem.TLS_RECORD
            || m.problem() == ResponseProblem.TLS_WANTED)) {
      return Optional.of(
          holds(file, TLS_REQUIRED, 0.97, "The answer itself shows that the port speaks TLS."));
    }
    boolean unanswered =
        switch (failure) {
          case ConnectionLost _ -> received(file) == 0;
          case TimedOut t -> t.phase() == Phase.AWAIT_RESPONSE;
          case MalformedResponse m -> m.problem() == ResponseProblem.NOT_HTTP;
          default -> false;
        };
    return unanswered && speaksTls(file)
        ? Optional.of(
            holds(
                file,
                TLS_REQUIRED,
                0.95,
                "The port does not answer plain HTTP, and answers a TLS greeting."))
        : Optional.empty();
  }

  private static long received(CaseFile file) {
    return file.exchange().subject().map(FailedAttempt::bytesReceived).orElse(0L);
  }

  private static boolean speaksTls(CaseFile file) {
    return file.greeted().anyMatch(Greeted::isTls);
  }

  private static Optional<Opinion> rejected(CaseFile file, TlsRejected rejected) {
    return switch (rejected.problem()) {
      case CERTIFICATE_REJECTED -> Optional.empty();
      case ALERT_RECEIVED -> alert(file, rejected.alert());
      case NOT_TLS -> notTls(file);
      case CLOSED, PROTOCOL -> closed(file);
    };
  }

  private static Optional<Opinion> alert(CaseFile file, int alert) {
    String said = "The server ended the handshake with alert " + alert;
    if (alert == PROTOCOL_VERSION) {
      return Optional.of(
          holds(file, TLS_VERSION_MISMATCH, 0.97, said + " (protocol_version)" + old(file)));
    }
    if (alert == UNRECOGNIZED_NAME) {
      return Optional.of(holds(file, TLS_UNRECOGNIZED_NAME, 0.97, said + " (unrecognized_name)."));
    }
    if (alert == NO_APPLICATION_PROTOCOL) {
      return Optional.of(
          holds(
              file,
              APPLICATION_PROTOCOL_MISMATCH,
              0.95,
              said
                  + " (no_application_protocol): it speaks none of the versions of HTTP offered."));
    }
    if (alert == CERTIFICATE_REQUIRED) {
      return Optional.of(
          holds(file, TLS_CLIENT_CERTIFICATE_REQUIRED, 0.97, said + " (certificate_required)."));
    }
    if (wantsClientCertificate(file)
        && (alert == HANDSHAKE_FAILURE || ABOUT_A_CERTIFICATE.contains(alert))) {
      return Optional.of(
          holds(
              file,
              TLS_CLIENT_CERTIFICATE_REQUIRED,
              0.9,
              said + ", after it had asked for a client certificate."));
    }
    return alert == HANDSHAKE_FAILURE || alert == INSUFFICIENT_SECURITY || alert == INTERNAL_ERROR
        ? byGreetings(file, said, alert)
        : Optional.empty();
  }

  private static String old(CaseFile file) {
    return agrees(file, Kind.OLD) ? "; it agrees to TLS 1.1 or 1.0 alone." : ".";
  }

  private static boolean wantsClientCertificate(CaseFile file) {
    return file.handshake().filter(Handshaken::clientCertificateWanted).isPresent();
  }

  private static boolean agrees(CaseFile file, Kind kind) {
    return file.greeted().anyMatch(g -> g.kind() == kind && g.outcome() == GreetOutcome.AGREED);
  }

  /// What else the server would have agreed to tells what it did not like.
  private static Optional<Opinion> byGreetings(CaseFile file, String said, int alert) {
    boolean modern =
        agrees(file, Kind.USUAL) || agrees(file, Kind.ANY_SUITE) || agrees(file, Kind.VERSION_1_2);
    boolean older = file.greeted().anyMatch(g -> g.outcome() == GreetOutcome.OLDER_VERSION);
    if ((agrees(file, Kind.OLD) || older) && !modern) {
      return Optional.of(
          holds(
              file,
              TLS_VERSION_MISMATCH,
              0.93,
              said + ", and agrees to a greeting of TLS 1.1 or 1.0 alone."));
    }
    if (agrees(file, Kind.NAMELESS) && !agrees(file, Kind.USUAL)) {
      return Optional.of(
          holds(
              file,
              TLS_UNRECOGNIZED_NAME,
              0.85,
              said + ", and agrees to the same greeting without a name."));
    }
    if (modern && !agrees(file, Kind.USUAL)) {
      return Optional.of(
          holds(
              file,
              TLS_CIPHER_MISMATCH,
              0.93,
              said + ", and agrees to a greeting with more cipher suites."));
    }
    if (alert == HANDSHAKE_FAILURE || alert == INSUFFICIENT_SECURITY) {
      return Optional.of(
          holds(
              file,
              TLS_CIPHER_MISMATCH,
              modern ? 0.55 : 0.65,
              said + ", which it sends where no cipher suite or parameter is common."));
    }
    return Optional.empty();
  }

  private static Optional<Opinion> notTls(CaseFile file) {
    String first = file.exchange().subject().map(FailedAttempt::firstBytes).orElse("");
    if (first.startsWith("HTTP/") || speaksPlainHttp(file)) {
      return Optional.of(plaintext(file, 0.97));
    }
    return Optional.of(
        holds(
            file,
            APPLICATION_NOT_HTTP,
            0.75,
            "What the port answered to a TLS greeting is neither TLS nor HTTP."));
  }

  private static Opinion plaintext(CaseFile file, double confidence) {
    return holds(
        file,
        TLS_PLAINTEXT_UPSTREAM,
        confidence,
        "The port answers plain HTTP, and no greeting of TLS.");
  }

  /// A server of TLS may answer plain HTTP with an error in plain HTTP; so it must not answer TLS,
  /// nor say that TLS is wanted.
  private static boolean speaksPlainHttp(CaseFile file) {
    return !speaksTls(file)
        && file.findings(Plain.class)
            .map(Plain::result)
            .anyMatch(plain -> plain.isAnswered() && !wantsTls(plain));
  }

  private static boolean wantsTls(Asked plain) {
    return plain.status() == 400 && TLS_WANTED.stream().anyMatch(plain.body()::contains);
  }

  private static Optional<Opinion> closed(CaseFile file) {
    if (speaksPlainHttp(file)) {
      return Optional.of(plaintext(file, 0.93));
    }
    Optional<Greeted> usual =
        file.greeted().filter(g -> g.kind() == Kind.USUAL && g.alert() >= 0).findFirst();
    if (usual.isPresent()) {
      return alert(file, usual.get().alert());
    }
    return byGreetings(file, "The server closed the connection within the handshake", -1);
  }

  private static Optional<Opinion> silent(CaseFile file) {
    if (speaksPlainHttp(file)) {
      return Optional.of(plaintext(file, 0.93));
    }
    boolean answersNow = file.handshake().filter(Handshaken::isComplete).isPresent();
    return Optional.of(
        holds(
            file,
            TLS_HANDSHAKE_TIMEOUT,
            answersNow ? 0.7 : 0.9,
            "The port accepted the connection, and the handshake was not complete in time"
                + (answersNow ? "; a second one was." : "; nor was a second one.")));
  }

  /// In TLS 1.3 a client learns only after its handshake that its certificate was wanted.
  private static Optional<Opinion> closedAfterHandshake(CaseFile file) {
    boolean everywhere = file.answeredLight().isEmpty();
    // One that is not taken is refused by an alert.
    boolean hasNone = file.facts().client().isEmpty();
    return wantsClientCertificate(file) && hasNone && everywhere
        ? Optional.of(
            holds(
                file,
                TLS_CLIENT_CERTIFICATE_REQUIRED,
                0.85,
                "The server asked for a client certificate, got none, and closed the connection "
                    + "before any answer."))
        : Optional.empty();
  }
}
