package io.whygate.diagnostics.verdict.rules;

import static io.whygate.diagnostics.verdict.Cause.GATEWAY_CLOCK_SKEW;
import static io.whygate.diagnostics.verdict.Cause.TLS_CERTIFICATE_EXPIRED;
import static io.whygate.diagnostics.verdict.Cause.TLS_CERTIFICATE_NOT_YET_VALID;
import static io.whygate.diagnostics.verdict.Cause.TLS_INCOMPLETE_CHAIN;
import static io.whygate.diagnostics.verdict.Cause.TLS_NAME_MISMATCH;
import static io.whygate.diagnostics.verdict.Cause.TLS_SELF_SIGNED;
import static io.whygate.diagnostics.verdict.Cause.TLS_UNTRUSTED_ISSUER;

import io.whygate.diagnostics.facts.AttemptFailure.TlsRejected;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.TlsProblem;
import io.whygate.diagnostics.probe.Finding.Asked;
import io.whygate.diagnostics.verdict.CaseFile;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Opinion;
import io.whygate.diagnostics.verdict.VerdictRule;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The certificate that the server shows, in the order in which the causes count where several
/// hold: validity, name, who signed it.
public final class CertificateRules implements VerdictRule {
  private static final Duration SKEW = Duration.ofMinutes(5);

  @Override
  public List<Opinion> judge(CaseFile file) {
    Optional<TlsRejected> rejected =
        file.failure(TlsRejected.class)
            .filter(failure -> failure.problem() == TlsProblem.CERTIFICATE_REJECTED);
    if (rejected.isEmpty()) {
      return List.of();
    }
    List<X509Certificate> shown = Chain.shown(file);
    return shown.isEmpty() ? List.of() : judge(file, shown);
  }

  private static List<Opinion> judge(CaseFile file, List<X509Certificate> shown) {
    Instant now = file.exchange().at();
    Chain chain = Chain.of(shown, file, now);
    if (chain.expired().isPresent() || chain.notYetValid().isPresent()) {
      return List.of(skewed(file, chain, now).orElseGet(() -> validity(file, chain)));
    }
    if (!chain.nameMatches()) {
      return List.of(
          holds(
              file,
              chain,
              TLS_NAME_MISMATCH,
              "The certificate is made out to " + madeOutTo(chain) + "."));
    }
    if (chain.trusted()) {
      return List.of();
    }
    if (chain.isSelfSigned()) {
      return List.of(
          holds(file, chain, TLS_SELF_SIGNED, "The certificate is signed by its own key."));
    }
    boolean remembered = chain.lacksOneOf(file.memory().issuers());
    return List.of(
        remembered || chain.namesMissingIssuer()
            ? holds(
                file,
                chain,
                TLS_INCOMPLETE_CHAIN,
                "The server shows its own certificate without the one that signed it, "
                    + (remembered
                        ? "which the gateway knows from an earlier connection."
                        : "and the certificate says where that is to be had."))
            : holds(
                file,
                chain,
                TLS_UNTRUSTED_ISSUER,
                "The chain ends at an authority that is not trusted for this upstream."));
  }

  private static Opinion validity(CaseFile file, Chain chain) {
    if (chain.expired().isPresent()) {
      boolean leaf = chain.expired().get().equals(chain.path().getFirst());
      return holds(
          file,
          chain,
          TLS_CERTIFICATE_EXPIRED,
          (leaf ? "The certificate" : "A certificate in the chain")
              + " ran out at "
              + chain.expired().get().getNotAfter().toInstant()
              + clock(file));
    }
    return holds(
        file,
        chain,
        TLS_CERTIFICATE_NOT_YET_VALID,
        "The certificate is not valid yet" + clock(file));
  }

  private static String clock(CaseFile file) {
    Optional<Instant> theirs = serverTime(file);
    if (theirs.isEmpty()) {
      return "; the server's clock could not be asked.";
    }
    Duration ahead = Duration.between(file.exchange().at(), theirs.get());
    return ahead.abs().compareTo(SKEW) < 0
        ? ", and the server's clock agrees with the gateway's."
        : ". The server's own clock differs by " + ahead.toSeconds() + " s.";
  }

  /// By the clocks of servers the certificate is valid, and they differ from the gateway's: it is a
  /// clock that is wrong, not the certificate. The failing server is one witness; where the others
  /// agree with the gateway, it is that server's clock that is wrong.
  private static Optional<Opinion> skewed(CaseFile file, Chain chain, Instant now) {
    Optional<X509Certificate> doubted = chain.expired().or(chain::notYetValid);
    if (doubted.isEmpty()) {
      return Optional.empty();
    }
    var others = Witnesses.of(file, ahead -> contradicts(doubted.get(), now, ahead));
    Optional<Duration> own =
        serverTime(file)
            .map(theirs -> Duration.between(now, theirs))
            .filter(ahead -> contradicts(doubted.get(), now, ahead));
    if (others.agreeing() > others.contradicting()
        || (own.isEmpty() && (serverTime(file).isPresent() || others.contradicting() < 2))) {
      return Optional.empty();
    }
    Duration skew = own.orElse(others.usual());
    String along =
        others.contradicting() == 0
            ? ""
            : others.contradicting() == 1
                ? ", as by that of another"
                : ", as by those of " + others.contradicting() + " others";
    return Optional.of(
        Opinion.holds(
            GATEWAY_CLOCK_SKEW,
            others.contradicting() == 0 ? 0.75 : 0.95,
            "By the server's clock"
                + along
                + ", which differs from the gateway's by "
                + skew.toSeconds()
                + " s, the certificate is valid.",
            file.parameters("skew", Long.toString(skew.abs().toSeconds()))));
  }

  /// Whether a clock that lies this far ahead differs, and makes the certificate a valid one.
  private static boolean contradicts(X509Certificate certificate, Instant now, Duration ahead) {
    return ahead.abs().compareTo(SKEW) >= 0 && isValid(certificate, now.plus(ahead));
  }

  private static boolean isValid(X509Certificate certificate, Instant at) {
    return !certificate.getNotBefore().toInstant().isAfter(at)
        && !certificate.getNotAfter().toInstant().isBefore(at);
  }

  private static Optional<Instant> serverTime(CaseFile file) {
    return file.lightRequests().stream()
        .map(Asked::fields)
        .map(fields -> fields.getOrDefault("date", ""))
        .flatMap(date -> time(date).stream())
        .findFirst();
  }

  private static Optional<Instant> time(String date) {
    try {
      return Optional.of(
          ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /// The names of a certificate; a common name has not counted as one for years (RFC 9110 section
  /// 4.3.4), which people who look at their certificate do not expect.
  private static String madeOutTo(Chain chain) {
    return chain.names().isEmpty()
        ? "no name (it has no subjectAltName; its subject is "
            + chain.path().getFirst().getSubjectX500Principal().getName()
            + ")"
        : String.join(", ", chain.names());
  }

  private static Opinion holds(CaseFile file, Chain chain, Cause cause, String because) {
    X509Certificate leaf = chain.path().getFirst();
    Map<String, String> parameters = new HashMap<>(file.parameters());
    parameters.put(
        "expected",
        file.facts().serverName().or(() -> file.endpoint().map(Endpoint::host)).orElse(""));
    parameters.put("names", madeOutTo(chain));
    parameters.put("not-after", chain.expired().orElse(leaf).getNotAfter().toInstant().toString());
    parameters.put(
        "not-before", chain.notYetValid().orElse(leaf).getNotBefore().toInstant().toString());
    parameters.put("issuer", chain.path().getLast().getIssuerX500Principal().getName());
    return Opinion.holds(cause, 0.97, because, parameters);
  }
}
