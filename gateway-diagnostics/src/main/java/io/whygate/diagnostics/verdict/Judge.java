package io.whygate.diagnostics.verdict;

import io.whygate.diagnostics.facts.Endpoint;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Weighs the opinions of all rules: a cause named by a log before one seen on the wire, a deeper
/// one before a shallower one, a surer one before a doubtful one; below 0.5 nobody is told a guess.
public final class Judge {
  /// From here on a cause is named.
  public static final double NAMED_FROM = 0.5;

  private static final int RUNNERS_UP = 4;
  private static final Comparator<Opinion> WEIGHT =
      Comparator.<Opinion, Boolean>comparing(opinion -> opinion.verdict().byLog())
          .thenComparingInt(opinion -> depth(opinion.cause()))
          .thenComparingDouble(Opinion::confidence);

  private final List<VerdictRule> rules;

  public Judge(List<VerdictRule> rules) {
    this.rules = List.copyOf(rules);
  }

  /// What is named as the cause, and what else was considered.
  public record Judgement(Verdict verdict, List<RunnerUp> runnersUp) {
    public Judgement {
      runnersUp = List.copyOf(runnersUp);
    }

    /// The same with what was found of other tries among what was considered, before what was
    /// considered of this one.
    Judgement beside(List<Precedence.Judged> others) {
      Map<Cause, RunnerUp> considered = new LinkedHashMap<>();
      for (Precedence.Judged each : others) {
        Cause cause = each.verdict().cause();
        if (each.isNamed() && cause != verdict.cause()) {
          considered.putIfAbsent(
              cause, new RunnerUp(cause, each.verdict().confidence(), elsewhere(each)));
        }
      }
      runnersUp.forEach(each -> considered.putIfAbsent(each.cause(), each));
      return new Judgement(verdict, considered.values().stream().limit(RUNNERS_UP).toList());
    }

    private static String elsewhere(Precedence.Judged other) {
      return "It holds of another try, at "
          + other.file().endpoint().map(Endpoint::url).orElse("")
          + ": "
          + other.verdict().because();
    }
  }

  public Judgement judge(CaseFile file) {
    List<Opinion> opinions = rules.stream().flatMap(rule -> rule.judge(file).stream()).toList();
    Verdict verdict =
        opinions.stream()
            .filter(opinion -> opinion.confidence() >= NAMED_FROM)
            .max(WEIGHT)
            .map(Opinion::verdict)
            .orElseGet(() -> unknown(file));
    return new Judgement(verdict, runnersUp(opinions, verdict));
  }

  private static Verdict unknown(CaseFile file) {
    return new Verdict(
        Cause.UNKNOWN,
        0,
        "The exchange failed with "
            + file.exchange().symptom().code()
            + ", and no cause fits the evidence well enough.",
        file.parameters());
  }

  private static List<RunnerUp> runnersUp(List<Opinion> opinions, Verdict named) {
    Map<Cause, RunnerUp> considered = new EnumMap<>(Cause.class);
    for (Opinion opinion : opinions) {
      if (opinion.cause() != named.cause()) {
        considered.merge(
            opinion.cause(),
            new RunnerUp(opinion.cause(), opinion.confidence(), against(opinion, named)),
            (a, b) -> a.confidence() >= b.confidence() ? a : b);
      }
    }
    return considered.values().stream()
        .sorted(Comparator.comparingDouble(RunnerUp::confidence).reversed())
        .limit(RUNNERS_UP)
        .toList();
  }

  private static String against(Opinion opinion, Verdict named) {
    if (!opinion.against().isEmpty()) {
      return opinion.against();
    }
    return named.cause() == Cause.UNKNOWN
        ? "The evidence is too thin."
        : named.cause().code() + " lies deeper and explains it too.";
  }

  /// How far down the chain of reasons a cause lies: what explains another is deeper than it.
  static int depth(Cause cause) {
    return switch (cause) {
      case UNKNOWN -> 0;
      case BLIP_RECOVERED -> 1;
      case GATEWAY_CLOCK_SKEW -> 9;
      case DNS_SINKHOLED -> 8;
      case DNS_RECYCLED_ADDRESS -> 7;
      case DNS_DRIFT, DNS_RESOLVERS_DISAGREE -> 6;
      case TLS_REQUIRED, TLS_PLAINTEXT_UPSTREAM, APPLICATION_PROTOCOL_MISMATCH -> 4;
      case TLS_CLIENT_CERTIFICATE_REQUIRED, FIREWALL_MTU_BLACK_HOLE -> 4;
      default ->
          switch (cause.category()) {
            case "gateway" -> 9;
            case "dns" -> 5;
            default -> 3;
          };
    };
  }
}
