package io.whygate.diagnostics;

import io.whygate.diagnostics.facts.AttemptFailure.ConnectRefused;
import io.whygate.diagnostics.facts.ConnectionUse;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.ExchangeFailure.AttemptsExhausted;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.probe.ConnectProbe;
import io.whygate.diagnostics.probe.TlsProbe;
import io.whygate.diagnostics.probe.log.catalogue.LogCatalogue;
import io.whygate.diagnostics.verdict.Diagnoser;
import io.whygate.diagnostics.verdict.rules.Rules;
import java.net.URL;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Does once, before anybody waits for it, what a first diagnosis would be slow at.
final class WarmUp {
  private final Examination examination;
  private final Diagnoser diagnoser;

  WarmUp(Examination examination, Diagnoser diagnoser) {
    this.examination = examination;
    this.diagnoser = diagnoser;
  }

  /// @param limit how long the name servers of one upstream may take
  void run(List<UpstreamFacts> upstreams, Duration limit) {
    openArchives();
    ConnectProbe.warmUp();
    if (upstreams.stream().flatMap(each -> each.endpoints().stream()).anyMatch(Endpoint::isTls)) {
      TlsProbe.warmUp();
      Rules.warmUp();
    }
    LogCatalogue.read("a line that names nothing");
    for (UpstreamFacts facts : upstreams) {
      FailedExchange standIn = standIn(facts);
      examination.learn(standIn, facts, limit);
      diagnoser.diagnose(examination.file(standIn, facts, List.of()), Instant.now(), 0);
    }
  }

  /// Looks for what is in no archive of the class path, so that each is open from now on: a class
  /// that is needed for the first time when descriptors have run out is read from there.
  private static void openArchives() {
    URL none = WarmUp.class.getClassLoader().getResource("no-such-resource");
    if (none != null) {
      throw new AssertionError(none);
    }
  }

  private static FailedExchange standIn(UpstreamFacts facts) {
    List<FailedAttempt> attempts = facts.endpoints().stream().map(WarmUp::attempt).toList();
    return new FailedExchange(
        facts.name(),
        new RequestFacts("GET", "/", "", "http", 0),
        new AttemptsExhausted(),
        attempts,
        RequestProcessed.NOT_SENT,
        Instant.now(),
        0);
  }

  private static FailedAttempt attempt(Endpoint endpoint) {
    return new FailedAttempt(
        endpoint,
        Optional.empty(),
        new ConnectRefused(),
        new Timeline(0, Timeline.NEVER, Timeline.NEVER, Timeline.NEVER, Timeline.NEVER, 0),
        ConnectionUse.FRESH,
        0,
        0,
        "",
        Optional.empty());
  }
}
