package io.whygate.diagnostics.probe;

import io.whygate.diagnostics.facts.AttemptFailure.TlsRejected;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.TlsProblem;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.probe.Finding.Dialled.Purpose;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// One examination under way: what failed, whom to ask, until when, and what was found so far.
///
/// Each probe of a diagnosis has a part of it; safe for use by many threads.
public final class Inquiry {
  private final FailedExchange exchange;
  private final UpstreamFacts facts;
  private final Endpoint endpoint;
  private final Limits limits;
  private final Executor executor;
  private final ConcurrentLinkedQueue<Observation> observations = new ConcurrentLinkedQueue<>();
  private final Set<InetAddress> claimed;
  private final CompletableFuture<Boolean> heard;

  /// How far an examination may go.
  ///
  /// @param deadline when a question that has no answer counts as unanswered
  /// @param end when nobody waits for a report any more; later than the deadline, since threads
  ///   wake up late on a busy machine
  public record Limits(Deadline deadline, Deadline end, Allowance allowance) {}

  /// @param endpoint the endpoint to ask; one of those of `facts`
  /// @param executor runs blocking work, a virtual thread each
  public Inquiry(
      FailedExchange exchange,
      UpstreamFacts facts,
      Endpoint endpoint,
      Limits limits,
      Executor executor) {
    this.exchange = exchange;
    this.facts = facts;
    this.endpoint = endpoint;
    this.limits = limits;
    this.executor = executor;
    claimed = ConcurrentHashMap.newKeySet();
    heard = new CompletableFuture<>();
  }

  /// A part of a whole.
  private Inquiry(Inquiry whole, Limits limits) {
    exchange = whole.exchange;
    facts = whole.facts;
    endpoint = whole.endpoint;
    this.limits = limits;
    executor = whole.executor;
    claimed = whole.claimed;
    heard = whole.heard;
  }

  /// The same for one probe, whose findings are kept by themselves.
  public Inquiry part() {
    return new Inquiry(this, limits);
  }

  /// A part of it with no more time than this for a question.
  Inquiry within(Duration limit) {
    return new Inquiry(this, new Limits(deadline().orIn(limit), limits.end(), limits.allowance()));
  }

  public FailedExchange exchange() {
    return exchange;
  }

  public UpstreamFacts facts() {
    return facts;
  }

  public Endpoint endpoint() {
    return endpoint;
  }

  /// When a question that has no answer counts as unanswered.
  public Deadline deadline() {
    return limits.deadline();
  }

  /// The address that the exchange failed at.
  public Optional<InetAddress> address() {
    return exchange.subject().flatMap(FailedAttempt::address);
  }

  /// The address and port that the exchange failed at; empty for a Unix socket, or where the name
  /// gave no address.
  public Optional<InetSocketAddress> target() {
    return endpoint.isUnix()
        ? Optional.empty()
        : address().map(address -> new InetSocketAddress(address, endpoint.port()));
  }

  /// The host that requests name: the client's, as the failed exchange did.
  public String requestHost() {
    String host = exchange.request().host();
    return host.isEmpty() ? endpoint.authority() : host;
  }

  /// How TLS is spoken to the endpoint.
  public TlsProbe.Greeting greeting() {
    return TlsProbe.Greeting.of(facts, endpoint);
  }

  /// What light requests are made by: what requests are. Where a certificate was refused, no
  /// request has been made; then the server's fields are wanted, its time among them, and HTTP/1.1
  /// alone shows them.
  public UpstreamFacts.Protocol protocol(Purpose purpose) {
    boolean refused =
        exchange
            .subject()
            .filter(attempt ->
                attempt.failure() instanceof TlsRejected rejected
                    && rejected.problem() == TlsProblem.CERTIFICATE_REJECTED)
            .isPresent();
    return refused && purpose == Purpose.SAME && facts.protocol() == UpstreamFacts.Protocol.AUTO
        ? UpstreamFacts.Protocol.HTTP1
        : facts.protocol();
  }

  /// Takes the right to send one probe, where one is left.
  public boolean mayAsk() {
    return !limits.deadline().hasPassed() && limits.allowance().take();
  }

  /// Takes an address as one's own to examine: true for the first who asks.
  public boolean claim(InetAddress address) {
    return claimed.add(address);
  }

  /// Says what became of the requests that go first: whether the server answered one in the way it
  /// is spoken to. What is said first counts.
  void hear(boolean answered) {
    heard.complete(answered);
  }

  /// Whether the server answers in the way it is spoken to. Waits for those who go first, for so
  /// long at most: a server that takes one connection after another keeps all others waiting while
  /// it waits for the rest of a greeting that it does not understand.
  boolean isHeard(Duration headStart) {
    try {
      long millis = Math.min(headStart.toMillis(), Math.max(0, deadline().remainingMillis()));
      return heard.get(millis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /// Whether the exchange was tried at this address.
  public boolean wasTried(InetAddress address) {
    return exchange.attempts().stream()
        .anyMatch(attempt -> attempt.address().filter(address::equals).isPresent());
  }

  /// Whether no address could be found for the endpoint's name.
  public boolean isNamingFailure() {
    return exchange
        .subject()
        .map(attempt -> attempt.failure().phase() == Phase.RESOLVE)
        .orElse(false);
  }

  /// Reports a finding whose question was asked at `startedNanos` ([System#nanoTime()]).
  public void report(Finding finding, long startedNanos) {
    long tookMicros = (System.nanoTime() - startedNanos) / 1_000;
    observations.add(new Observation(finding, Instant.now(), tookMicros));
  }

  /// What was found so far, in the order in which it came.
  public List<Observation> observations() {
    return List.copyOf(observations);
  }

  /// Runs these in parallel and waits until all are done or the end has come.
  ///
  /// @return whether all were done in time
  public boolean all(List<Runnable> tasks) {
    if (tasks.size() == 1) {
      tasks.getFirst().run();
      return true;
    }
    var running =
        tasks.stream()
            .map(task -> CompletableFuture.runAsync(task, executor))
            .toArray(CompletableFuture<?>[]::new);
    try {
      CompletableFuture.allOf(running).get(limits.end().remainingMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("a probe threw", e.getCause());
    }
  }
}
