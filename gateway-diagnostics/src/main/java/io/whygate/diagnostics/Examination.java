package io.whygate.diagnostics;

import io.whygate.diagnostics.Answers.Answer;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectionLost;
import io.whygate.diagnostics.facts.AttemptFailure.NotDialled;
import io.whygate.diagnostics.facts.AttemptFailure.TlsRejected;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.ExchangeFailure.AttemptsExhausted;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.IcmpMessage;
import io.whygate.diagnostics.facts.LocalProblem;
import io.whygate.diagnostics.facts.TlsProblem;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.memory.Memory;
import io.whygate.diagnostics.memory.Recollection;
import io.whygate.diagnostics.platform.Platform;
import io.whygate.diagnostics.platform.PlatformMarks;
import io.whygate.diagnostics.probe.Allowance;
import io.whygate.diagnostics.probe.ConnectProbe;
import io.whygate.diagnostics.probe.Deadline;
import io.whygate.diagnostics.probe.Finding.Dialled.Purpose;
import io.whygate.diagnostics.probe.Finding.Noted;
import io.whygate.diagnostics.probe.Finding.Withheld;
import io.whygate.diagnostics.probe.HostProbe;
import io.whygate.diagnostics.probe.HttpProbe;
import io.whygate.diagnostics.probe.Inquiry;
import io.whygate.diagnostics.probe.Observation;
import io.whygate.diagnostics.probe.Probe;
import io.whygate.diagnostics.probe.SizeProbe;
import io.whygate.diagnostics.probe.TlsProbe;
import io.whygate.diagnostics.probe.dns.AuthoritativeProbe;
import io.whygate.diagnostics.probe.dns.Delegations;
import io.whygate.diagnostics.probe.dns.ResolveProbe;
import io.whygate.diagnostics.probe.log.ServerLogs;
import io.whygate.diagnostics.probe.own.OwnProbe;
import io.whygate.diagnostics.probe.own.OwnSigns;
import io.whygate.diagnostics.probe.own.PortsProbe;
import io.whygate.diagnostics.verdict.CaseFile;
import io.whygate.diagnostics.verdict.Step;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/// Gathers all that can be known of one failure within the budget: which questions a failure
/// raises, asked in parallel.
final class Examination {
  /// What is kept of the budget for judging and answering.
  private static final Duration TO_JUDGE = Duration.ofMillis(35);

  /// How much later than its deadline a probe may report: threads wake up late on a busy machine.
  private static final Duration TO_REPORT = Duration.ofMillis(55);

  /// How long ago a connection may have been accepted by a port that counts them.
  private static final Duration OF_LATE = Duration.ofSeconds(3);

  private final Memory memory;
  private final ServerLogs logs;
  private final Allowance allowance;
  private final Allowance background;
  private final Executor executor;
  private final Probe host = new HostProbe();
  private final Probe own;
  private final Probe ports = new PortsProbe();
  private final Probe connect;
  private final Probe resolve = new ResolveProbe();
  private final Probe tls = new TlsProbe();
  private final Probe http = new HttpProbe();
  private final Probe size = new SizeProbe();
  private final Map<Probe, Set<Step>> steps;
  private final AuthoritativeProbe authoritative = new AuthoritativeProbe(new Delegations());

  /// @param signs what the program around knows of its own health
  Examination(
      Memory memory, ServerLogs logs, Allowance allowance, Executor executor, OwnSigns signs) {
    this.memory = memory;
    connect = new ConnectProbe(new Remembered(memory));
    this.logs = logs;
    this.allowance = allowance;
    background = allowance.half();
    this.executor = executor;
    own = new OwnProbe(signs);
    steps =
        Map.of(
            connect,
            Set.of(Step.SERVER, Step.FIREWALL),
            tls,
            Set.of(Step.SERVER),
            resolve,
            Set.of(Step.DNS),
            authoritative,
            Set.of(Step.DNS),
            size,
            Set.of(Step.FIREWALL),
            http,
            Set.of(Step.CODE),
            logs,
            Set.of(Step.LOGS));
  }

  /// Asks all that this failure raises; blocks for at most the budget, less what judging takes.
  Answers examine(FailedExchange exchange, UpstreamFacts facts, Duration budget) {
    return ask(exchange, facts, budget, probesFor(exchange));
  }

  /// Asks these once more, with patience, and tells of each as it is done. Blocks.
  void askOn(
      FailedExchange exchange,
      UpstreamFacts facts,
      Duration patience,
      Collection<Probe> probes,
      Consumer<Answer> done) {
    Deadline deadline = Deadline.in(patience);
    Deadline end = Deadline.in(patience.plus(TO_REPORT));
    Inquiry inquiry = inquiry(exchange, facts, new Inquiry.Limits(deadline, end, background));
    inquiry.all(
        probes.stream()
            .<Runnable>map(probe -> () -> done.accept(new Question(probe, inquiry).ask()))
            .toList());
  }

  /// Which of the seven checks a probe bears on.
  Set<Step> stepsOf(Probe probe) {
    return steps.getOrDefault(probe, Set.of());
  }

  /// Asks whether an address in use is the name's, and where it may not be, who answers there.
  ///
  /// @param whole whether the resolvers are asked too, and the start page
  List<Observation> look(
      FailedExchange standIn, UpstreamFacts facts, Duration budget, boolean whole) {
    Probe page =
        inquiry ->
            inquiry
                .target()
                .ifPresent(at -> HttpProbe.request(inquiry, at, Purpose.SAME, "GET", "/"));
    return ask(
            standIn,
            facts,
            budget,
            whole ? List.of(resolve, authoritative, page) : List.of(authoritative))
        .all();
  }

  private Answers ask(
      FailedExchange exchange, UpstreamFacts facts, Duration budget, List<Probe> probes) {
    if (probes.isEmpty() || exchange.subject().isEmpty()) {
      return Answers.NONE;
    }
    Duration toJudge = min(TO_JUDGE, Duration.ofNanos(budget.toNanos() / 8));
    Duration toReport = min(TO_REPORT, Duration.ofNanos(budget.toNanos() / 5));
    Deadline end = Deadline.in(budget.minus(toJudge));
    Deadline deadline = Deadline.in(budget.minus(toJudge).minus(toReport));
    Inquiry inquiry = inquiry(exchange, facts, new Inquiry.Limits(deadline, end, allowance));
    long withheld = allowance.withheld();
    List<Question> questions = probes.stream().map(each -> new Question(each, inquiry)).toList();
    inquiry.all(questions.stream().<Runnable>map(each -> each::ask).toList());
    List<Observation> besides =
        allowance.withheld() > withheld
            ? List.of(
                new Observation(
                    new Withheld("the limit on probes per second was reached"), Instant.now(), 0))
            : List.of();
    return new Answers(questions.stream().map(Question::answer).toList(), besides);
  }

  private Inquiry inquiry(FailedExchange exchange, UpstreamFacts facts, Inquiry.Limits limits) {
    return new Inquiry(
        exchange, facts, exchange.subject().orElseThrow().endpoint(), limits, executor);
  }

  /// Learns, ahead of any failure, which name servers speak for the names of an upstream.
  void learn(FailedExchange standIn, UpstreamFacts facts, Duration limit) {
    for (FailedAttempt attempt : standIn.attempts()) {
      Deadline deadline = Deadline.in(limit);
      authoritative.learn(
          new Inquiry(
              standIn,
              facts,
              attempt.endpoint(),
              new Inquiry.Limits(deadline, deadline, allowance),
              executor));
    }
  }

  CaseFile file(FailedExchange exchange, UpstreamFacts facts, List<Observation> observations) {
    Recollection recollection =
        exchange
            .subject()
            .map(attempt -> memory.recall(attempt.endpoint(), exchange.request().path()))
            .orElse(Recollection.NOTHING);
    return new CaseFile(exchange, withPlatform(exchange, facts), observations, recollection);
  }

  /// What the configuration says that a server runs, else what its good answers showed.
  private UpstreamFacts withPlatform(FailedExchange exchange, UpstreamFacts facts) {
    return Platform.named(facts.platform())
        .or(() ->
            exchange
                .subject()
                .map(attempt -> memory.platforms(attempt.endpoint()))
                .flatMap(PlatformMarks::foremost))
        .map(platform -> facts.running(platform.id()))
        .orElse(facts);
  }

  private List<Probe> probesFor(FailedExchange exchange) {
    if (!(exchange.failure() instanceof AttemptsExhausted)) {
      return List.of();
    }
    return exchange.subject().map(attempt -> probesFor(attempt.failure())).orElse(List.of());
  }

  private List<Probe> probesFor(AttemptFailure failure) {
    return switch (failure.phase()) {
      case RESOLVE -> List.of(resolve, authoritative, own);
      case CONNECT -> notConnected(failure);
      case TLS_HANDSHAKE ->
          failure instanceof TlsRejected rejected
                  && rejected.problem() == TlsProblem.CERTIFICATE_REJECTED
              // The server's own time, to tell a wrong clock from a bad certificate.
              ? List.of(tls, http, resolve, authoritative, own)
              : List.of(connect, tls, resolve, authoritative, host, own, size);
      case SEND_REQUEST, AWAIT_RESPONSE, READ_RESPONSE ->
          List.of(connect, http, size, tls, resolve, authoritative, host, own, logs);
    };
  }

  private List<Probe> notConnected(AttemptFailure failure) {
    if (failure instanceof ConnectionLost) {
      // It was accepted, and ended before anything could be sent.
      return List.of(connect, http, tls, resolve, authoritative, host, own, logs);
    }
    boolean portless =
        failure instanceof NotDialled local && local.problem() == LocalProblem.PORTS_EXHAUSTED;
    return portless
        ? List.of(ports, resolve, authoritative, host, own)
        : List.of(connect, resolve, authoritative, host, own, logs);
  }

  private record Remembered(Memory memory) implements ConnectProbe.Known {
    @Override
    public boolean acceptedOfLate(Endpoint endpoint, InetAddress address) {
      return memory.recall(endpoint, "").connectedSince(address, Instant.now().minus(OF_LATE));
    }

    @Override
    public void told(Endpoint endpoint, InetAddress address, IcmpMessage icmp) {
      memory.told(endpoint, address, icmp);
    }

    @Override
    public Optional<Noted> lastTold(Endpoint endpoint, InetSocketAddress target) {
      return memory.toldBy(
          endpoint, target.getAddress(), (icmp, at) -> new Noted(target, icmp, at));
    }
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) <= 0 ? a : b;
  }
}
