package io.whygate.diagnostics.verdict.rules;

import static io.whygate.diagnostics.verdict.Cause.FIREWALL_MTU_BLACK_HOLE;

import io.whygate.diagnostics.facts.AttemptFailure.TimedOut;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.TcpFacts;
import io.whygate.diagnostics.probe.Finding.Asked;
import io.whygate.diagnostics.probe.Finding.Asked.AskOutcome;
import io.whygate.diagnostics.probe.Finding.Dialled.Purpose;
import io.whygate.diagnostics.probe.Finding.Narrowed;
import io.whygate.diagnostics.probe.Finding.Padded;
import io.whygate.diagnostics.probe.Finding.Pinged;
import io.whygate.diagnostics.verdict.CaseFile;
import io.whygate.diagnostics.verdict.Opinion;
import io.whygate.diagnostics.verdict.VerdictRule;
import java.util.List;
import java.util.Optional;

/// Paths that let small packets pass and swallow large ones, as the message that would say so is
/// dropped.
public final class SizeRules implements VerdictRule {
  private static final long LARGE_REQUEST = 1_000;

  /// How many times longer than a light answer took one has to wait for a padded one: a server that
  /// is slow, or waits for a processor, swallows nothing.
  private static final int LONGER = 3;

  @Override
  public List<Opinion> judge(CaseFile file) {
    return file.failure(TimedOut.class)
        .filter(failure -> failure.phase().compareTo(Phase.CONNECT) > 0)
        .flatMap(failure -> judge(file, failure.phase()))
        .map(List::of)
        .orElse(List.of());
  }

  private static Optional<Opinion> judge(CaseFile file, Phase phase) {
    boolean unacknowledged = Reaching.lostMidway(file);
    boolean large =
        file.exchange().subject().filter(a -> a.bytesSent() > LARGE_REQUEST).isPresent();
    boolean small = isSmallAnswered(file);
    Optional<Opinion> back = wayBack(file, phase, small);
    if (back.isPresent()) {
      return back;
    }
    Optional<Padded> padded = file.findings(Padded.class).findFirst();
    if (small && isSilentForLong(file) && !isPassedBack(file)) {
      return Optional.of(
          holds(
              file,
              unacknowledged && large ? 0.95 : 0.85,
              "A light request is answered; the same with "
                  + padded.get().padding()
                  + " bytes of padding, which fills a packet, is not"
                  + (swallowed(file) ? ", and large pings vanish too" : "")
                  + "."));
    }
    if (padded.filter(p -> p.result().isAnswered()).isPresent()) {
      return unacknowledged
          ? Optional.of(
              Opinion.doubts(
                  FIREWALL_MTU_BLACK_HOLE, 0.3, "A request of full packets is answered."))
          : Optional.empty();
    }
    if (swallowed(file) && (phase == Phase.TLS_HANDSHAKE || unacknowledged || small)) {
      return Optional.of(
          holds(file, 0.75, "Small pings are answered, and large ones vanish without a message."));
    }
    if (!unacknowledged) {
      return Optional.empty();
    }
    return Optional.of(
        large && small
            ? holds(
                file,
                0.75,
                "Large segments are sent again and again and never acknowledged, while a small "
                    + "request on a new connection is answered.")
            : Opinion.doubts(
                FIREWALL_MTU_BLACK_HOLE,
                0.3,
                large ? "Small requests vanish too." : "The request was small."));
  }

  /// What shows that large packets of the server's are lost, while ours come to it.
  private static Optional<Opinion> wayBack(CaseFile file, Phase phase, boolean small) {
    boolean gapped =
        file.exchange().subject().flatMap(FailedAttempt::tcp).filter(TcpFacts::gapped).isPresent();
    Optional<Narrowed> narrowed = inSmallPacketsAlone(file);
    if (narrowed.isPresent() && (small || gapped)) {
      String page = narrowed.get().usual().path();
      return Optional.of(
          holds(
              file,
              gapped ? 0.95 : 0.85,
              "The answer for "
                  + page
                  + " comes where the server has to send it in small packets, and not otherwise"
                  + (gapped ? ", and the failed answer came with gaps." : ".")));
    }
    if (gapped && phase == Phase.TLS_HANDSHAKE) {
      return Optional.of(
          holds(
              file,
              0.8,
              "Later packets of the server's part of the handshake came, and those before them never "
                  + "did."));
    }
    return gapped && small
        ? Optional.of(
            holds(
                file,
                0.8,
                "Later packets of the answer came, and those before them never did, while a light "
                    + "request is answered."))
        : Optional.empty();
  }

  private static Opinion holds(CaseFile file, double confidence, String because) {
    long mtu =
        file.exchange().subject().flatMap(FailedAttempt::tcp).map(TcpFacts::pathMtu).orElse(0L);
    return Opinion.holds(
        FIREWALL_MTU_BLACK_HOLE,
        confidence,
        because,
        file.parameters("path-mtu", Long.toString(mtu)));
  }

  private static boolean isSmallAnswered(CaseFile file) {
    return file.findings(Asked.class)
        .anyMatch(asked -> asked.purpose() == Purpose.SAME && asked.isAnswered());
  }

  /// Whether nothing came back of a padded request in a time in which light answers come.
  private static boolean isSilentForLong(CaseFile file) {
    return file.observations().stream()
        .filter(each ->
            each.finding() instanceof Padded padded
                && padded.result().outcome() == AskOutcome.SILENT)
        .anyMatch(each -> each.tookMicros() > LONGER * lightMicros(file));
  }

  /// A start page that came in small packets alone, in a time in which it would have come in others
  /// too.
  private static Optional<Narrowed> inSmallPacketsAlone(CaseFile file) {
    return file.observations().stream()
        .filter(each ->
            each.finding() instanceof Narrowed narrowed
                && narrowed.isSmallAlone()
                && each.tookMicros()
                    > LONGER * Math.max(lightMicros(file), narrowed.narrow().ttfbMicros()))
        .map(each -> (Narrowed) each.finding())
        .findFirst();
  }

  /// How long light answers take to begin.
  private static long lightMicros(CaseFile file) {
    return file.findings(Asked.class)
        .filter(asked -> asked.purpose() == Purpose.SAME && asked.isAnswered())
        .mapToLong(Asked::ttfbMicros)
        .max()
        .orElse(0);
  }

  /// Whether pings of a small and of a full size came back, as no path does that swallows the
  /// large.
  private static boolean isPassedBack(CaseFile file) {
    return file.findings(Pinged.class)
        .filter(pinged -> pinged.sizes().stream().distinct().count() > 1)
        .anyMatch(pinged ->
            pinged.isAnswered() && pinged.result().answered().containsAll(pinged.sizes()));
  }

  /// Whether pings of the size of a full packet vanish, and small ones do not.
  private static boolean swallowed(CaseFile file) {
    return file.findings(Pinged.class)
        .filter(Pinged::isAnswered)
        .filter(pinged -> pinged.result().icmp().isEmpty())
        .anyMatch(pinged ->
            pinged.sizes().stream().anyMatch(size -> !pinged.result().answered().contains(size)));
  }
}
