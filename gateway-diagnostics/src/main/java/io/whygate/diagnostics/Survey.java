package io.whygate.diagnostics;

import io.whygate.diagnostics.facts.AttemptFailure.UpstreamStatus;
import io.whygate.diagnostics.facts.ConnectionUse;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.ExchangeFailure.AttemptsExhausted;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.probe.Allowance;
import io.whygate.diagnostics.probe.Deadline;
import io.whygate.diagnostics.probe.Finding.Delegated;
import io.whygate.diagnostics.probe.Finding.Handshaken;
import io.whygate.diagnostics.probe.Finding.Looked;
import io.whygate.diagnostics.probe.Inquiry;
import io.whygate.diagnostics.probe.Observation;
import io.whygate.diagnostics.probe.TlsProbe;
import io.whygate.diagnostics.probe.dns.AuthoritativeProbe;
import io.whygate.diagnostics.probe.dns.Delegations;
import io.whygate.diagnostics.probe.dns.ResolveProbe;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Looks at an endpoint while nothing need be wrong with it: what each resolver and the name's own
/// servers say of its name, and which certificates its addresses show.
///
/// Asked by operators; at most one look at a time, and not more than a handful of questions.
public final class Survey {
  private static final Duration LIMIT = Duration.ofSeconds(2);
  private static final int QUESTIONS = 60;
  private static final int HANDSHAKES = 4;

  private final Allowance allowance = new Allowance(QUESTIONS);

  /// What was seen.
  ///
  /// @param zone the zone of the name; empty where none was found
  /// @param answers of resolvers and of the zone's own servers
  /// @param shown the handshake with each address, for TLS
  /// @param at when it was over
  public record Seen(String zone, List<Looked> answers, List<Handshaken> shown, Instant at) {
    public Seen {
      answers = List.copyOf(answers);
      shown = List.copyOf(shown);
    }
  }

  /// Looks; takes up to two seconds.
  ///
  /// @param addresses those in use
  public synchronized Seen of(UpstreamFacts facts, Endpoint endpoint, List<InetAddress> addresses) {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Deadline deadline = Deadline.in(LIMIT);
      Inquiry inquiry =
          new Inquiry(
              standIn(facts, endpoint, addresses),
              facts,
              endpoint,
              new Inquiry.Limits(deadline, Deadline.in(LIMIT.plusMillis(200)), allowance),
              executor);
      var tasks = new ArrayList<Runnable>();
      tasks.add(() -> new ResolveProbe().ask(inquiry));
      tasks.add(() -> new AuthoritativeProbe(new Delegations()).ask(inquiry));
      addresses.forEach(inquiry::claim);
      var shown = new ArrayList<Handshaken>();
      if (endpoint.isTls()) {
        TlsProbe.Greeting greeting = TlsProbe.Greeting.of(facts, endpoint);
        addresses.stream()
            .limit(HANDSHAKES)
            .forEach(address ->
                tasks.add(() -> {
                  Handshaken seen =
                      TlsProbe.handshake(
                          new InetSocketAddress(address, endpoint.port()), greeting, deadline);
                  synchronized (shown) {
                    shown.add(seen);
                  }
                }));
      }
      inquiry.all(tasks);
      synchronized (shown) {
        return seen(inquiry.observations(), List.copyOf(shown));
      }
    }
  }

  private static Seen seen(List<Observation> observations, List<Handshaken> shown) {
    String zone = "";
    var answers = new ArrayList<Looked>();
    for (Observation each : observations) {
      if (each.finding() instanceof Looked looked) {
        answers.add(looked);
      } else if (each.finding() instanceof Delegated delegated && zone.isEmpty()) {
        zone = delegated.zone();
      }
    }
    return new Seen(zone, answers, shown, Instant.now());
  }

  private static FailedExchange standIn(
      UpstreamFacts facts, Endpoint endpoint, List<InetAddress> addresses) {
    FailedAttempt attempt =
        new FailedAttempt(
            endpoint,
            addresses.stream().findFirst(),
            new UpstreamStatus(200, -1, ""),
            new Timeline(0, 0, 0, 0, 0, 0),
            ConnectionUse.FRESH,
            0,
            0,
            "",
            Optional.empty());
    return new FailedExchange(
        facts.name(),
        new RequestFacts("GET", "/", endpoint.authority(), "http", 0),
        new AttemptsExhausted(),
        List.of(attempt),
        RequestProcessed.RECEIVED,
        Instant.now(),
        0);
  }
}
