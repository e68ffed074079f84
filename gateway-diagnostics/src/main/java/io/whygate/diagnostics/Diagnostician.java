package io.whygate.diagnostics;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.whygate.diagnostics.Recoveries.Together;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.ExchangeFailure.AttemptsExhausted;
import io.whygate.diagnostics.facts.ExchangeFailure.NoEndpoint;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.memory.Memory;
import io.whygate.diagnostics.memory.Recollection;
import io.whygate.diagnostics.probe.Allowance;
import io.whygate.diagnostics.probe.log.ReceivedLogs;
import io.whygate.diagnostics.probe.log.ServerLogs;
import io.whygate.diagnostics.probe.own.OwnSigns;
import io.whygate.diagnostics.verdict.CaseFile;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnoser;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.diagnostics.verdict.Judge;
import io.whygate.diagnostics.verdict.Verdict;
import io.whygate.diagnostics.verdict.rules.BlipRules;
import io.whygate.diagnostics.verdict.rules.Rules;
import io.whygate.diagnostics.verdict.rules.Takeover;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Explains failed exchanges: the one entry to the diagnostics.
///
/// No method blocks its caller, which may be an event loop: questions are asked on virtual threads.
/// Questions are asked once at a time per place and kind of failure, whatever the path; a diagnosis
/// is made of the answers once per path where the application failed, and, where several servers
/// failed in one exchange, of the answers to all. Both are shared by all who wait for them, and
/// kept for a few seconds more.
public final class Diagnostician implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Diagnostician.class);
  private static final int KEPT = 4_096;
  private static final Duration CIRCUIT_CAUSE_KEPT = Duration.ofHours(1);
  private static final Duration TO_SERVE = Duration.ofMillis(250);
  private static final Duration TO_LEARN = Duration.ofSeconds(2);

  private final DiagnosticsSettings settings;
  private final Memory memory;
  private final Allowance allowance;
  private final ServerLogs logs;
  private final ExecutorService executor =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("diagnosis-", 0).factory());
  private final Examination examination;
  private final Diagnoser diagnoser = new Diagnoser(new Judge(Rules.all()), new Takeover());
  private final ConcurrentHashMap<ExchangeKey, UnderWay> underWay = new ConcurrentHashMap<>();
  private final Recoveries recoveries;
  private final Gathering gathering;
  private final LongerLooks longer;
  private final Inquest inquest;

  /// Read by event loops with each failure, so their upkeep wakes no other thread.
  private final Cache<ExchangeKey, Kept> kept;

  private final Cache<String, Kept> latest = kept(CIRCUIT_CAUSE_KEPT);
  private final List<Consumer<Diagnosis>> listeners = new CopyOnWriteArrayList<>();
  private final List<BiConsumer<Diagnosis, Diagnosis>> refined = new CopyOnWriteArrayList<>();
  private final Thread checkpoints;

  /// A diagnosis that was made.
  ///
  /// @param began when its examination began ([System#nanoTime()])
  private record Kept(
      Diagnosis diagnosis, UpstreamFacts facts, Together recovery, long began, long found) {
    /// Whether what failed has worked since.
    boolean isOver() {
      return recovery.ends(began);
    }
  }

  private record UnderWay(Together recovery, long began, CompletableFuture<Diagnosis> diagnosis) {
    boolean isOver() {
      return recovery.ends(began);
    }
  }

  /// @param memory what normal looked like; shared with those who feed it
  public Diagnostician(DiagnosticsSettings settings, Memory memory) {
    this(settings, memory, OwnSigns.UNKNOWN);
  }

  /// @param memory what normal looked like; shared with those who feed it
  /// @param signs what the program around knows of its own health
  public Diagnostician(DiagnosticsSettings settings, Memory memory, OwnSigns signs) {
    this(settings, memory, new ReceivedLogs(ReceivedLogs.Limits.STANDARD), signs);
  }

  /// @param received what servers on other hosts send by syslog; shared with those who receive it
  public Diagnostician(DiagnosticsSettings settings, Memory memory, ReceivedLogs received) {
    this(settings, memory, received, OwnSigns.UNKNOWN);
  }

  /// @param received what servers on other hosts send by syslog; shared with those who receive it
  /// @param signs what the program around knows of its own health
  public Diagnostician(
      DiagnosticsSettings settings, Memory memory, ReceivedLogs received, OwnSigns signs) {
    this.settings = settings;
    this.memory = memory;
    recoveries = new Recoveries(settings.sharedFor());
    logs = new ServerLogs(received);
    allowance = new Allowance(settings.probesPerSecond());
    examination = new Examination(memory, logs, allowance, executor, signs);
    gathering = new Gathering(settings, examination);
    longer = new LongerLooks(settings, examination, diagnoser);
    inquest = new Inquest(memory, recoveries, gathering, longer, executor);
    kept = kept(settings.sharedFor());
    checkpoints = Thread.ofVirtual().name("log-checkpoints").start(this::noteLogs);
  }

  private static <K> Cache<K, Kept> kept(Duration within) {
    return Caffeine.newBuilder()
        .maximumSize(KEPT)
        .expireAfterWrite(within)
        .executor(Runnable::run)
        .build();
  }

  /// Explains a failed exchange within the budget. The stage never fails.
  public CompletionStage<Diagnosis> diagnose(FailedExchange exchange, UpstreamFacts facts) {
    ExchangeKey key = ExchangeKey.of(exchange);
    Kept known = shared(key);
    return known != null
        ? CompletableFuture.completedStage(known.diagnosis())
        : examine(key, exchange, facts).minimalCompletionStage();
  }

  /// The diagnosis that the same failure got of late: a look-up, for steady outages. Where it is
  /// about to be too old, a new examination starts in the background.
  public Optional<Diagnosis> recent(FailedExchange exchange) {
    ExchangeKey key = ExchangeKey.of(exchange);
    Kept known = shared(key);
    if (known == null) {
      return Optional.empty();
    }
    if (isAgeing(known)) {
      examine(key, exchange, known.facts());
    }
    return Optional.of(known.diagnosis());
  }

  /// What is kept of a failure, unless what failed has worked since.
  private @Nullable Kept shared(ExchangeKey key) {
    Kept known = kept.getIfPresent(key);
    if (known != null && known.isOver()) {
      kept.asMap().remove(key, known);
      return null;
    }
    return known;
  }

  /// An upstream answered as it should, while not all is well: a failure after it is examined anew,
  /// where it is of the same path or, on a new connection, one of connecting. Cheap.
  ///
  /// @param fresh whether on a connection of its own
  /// @param begunNanos when that was tried ([System#nanoTime()])
  public void worked(
      String upstream, Endpoint endpoint, String path, boolean fresh, long begunNanos) {
    recoveries.worked(upstream, endpoint, path, fresh, begunNanos);
  }

  /// Explains failed attempts that no visitor saw, since another one served the request. Asks
  /// nothing.
  ///
  /// @param exchange the exchange with the attempts that failed
  /// @param servedBy the address that served the request
  public Diagnosis healed(
      FailedExchange exchange, UpstreamFacts facts, Optional<InetAddress> servedBy) {
    CaseFile file = examination.file(exchange, facts, List.of());
    return diagnoser.explain(file, BlipRules.judge(file, servedBy), List.of(), Instant.now(), 0);
  }

  /// Looks, ahead of any failure, whether an address in use is still the site's. Blocks.
  ///
  /// @param standIn an exchange with one attempt at that address
  /// @param suspicious whether the site is compared even where its name agrees
  /// @return the diagnosis where another site answers there; empty where all is well, or where that
  ///   could not be told
  Optional<Diagnosis> look(FailedExchange standIn, UpstreamFacts facts, boolean suspicious) {
    return new SiteLook(examination, diagnoser, memory).at(standIn, facts, suspicious);
  }

  /// Drops the answers that are kept of an upstream's failures, since one of its incidents ended.
  /// What was found last stays: while another lasts, an open circuit still has a cause.
  public void refresh(String upstream) {
    gathering.forget(upstream);
    longer.forget(upstream);
    kept.asMap().keySet().removeIf(key -> key.upstream().equals(upstream));
  }

  /// Drops all that is kept of an upstream's failures: it works again, or its configuration
  /// changed.
  public void forget(String upstream) {
    refresh(upstream);
    latest.invalidate(upstream);
  }

  /// Calls a listener once for each examination, on the thread that made it.
  public void onDiagnosed(Consumer<Diagnosis> listener) {
    listeners.add(listener);
  }

  /// Calls a listener each time that a diagnosis is replaced, since questions that the budget cut
  /// short were gone on with: with the one before and the one that takes its place.
  public void onRefined(BiConsumer<Diagnosis, Diagnosis> listener) {
    refined.add(listener);
  }

  /// What has taken the place of a diagnosis meanwhile; the same where nothing has. Cheap.
  public Diagnosis latest(Diagnosis diagnosis) {
    return longer.latest(diagnosis);
  }

  /// How many probes were sent since the start.
  public long probesSent() {
    return allowance.sent();
  }

  /// Prepares for the first failure in the background, a moment later, so that the first requests
  /// are served meanwhile: loads what it would have to load, opens the logs, learns which name
  /// servers speak for the upstreams' names. Call it at the start, and for upstreams that are new.
  public void warmUp(Collection<UpstreamFacts> upstreams) {
    List<UpstreamFacts> all = List.copyOf(upstreams);
    all.forEach(facts -> facts.logs().forEach(logs::open));
    CompletableFuture.delayedExecutor(TO_SERVE.toMillis(), TimeUnit.MILLISECONDS, executor)
        .execute(() -> new WarmUp(examination, diagnoser).run(all, TO_LEARN));
  }

  @Override
  public void close() {
    checkpoints.interrupt();
    executor.shutdownNow();
  }

  /// Whether it will soon be too old to be shared.
  private boolean isAgeing(Kept known) {
    return System.nanoTime() - known.found() > settings.sharedFor().toNanos() / 3 * 2;
  }

  private CompletableFuture<Diagnosis> examine(
      ExchangeKey key, FailedExchange exchange, UpstreamFacts facts) {
    UnderWay mine = new UnderWay(recoveries.of(key), System.nanoTime(), new CompletableFuture<>());
    UnderWay others = underWay.putIfAbsent(key, mine);
    if (others != null) {
      if (!others.isOver() || !underWay.replace(key, others, mine)) {
        return others.diagnosis();
      }
    } else {
      Kept known = kept.getIfPresent(key);
      if (known != null && !isAgeing(known)) {
        // Another examination ended between the caller's look and this one.
        underWay.remove(key, mine);
        mine.diagnosis().complete(known.diagnosis());
        return mine.diagnosis();
      }
    }
    Runnable work =
        () -> {
          Diagnosis found;
          try {
            found = examineNow(key, exchange, facts, mine);
          } catch (RuntimeException | Error e) {
            LOG.error("A diagnosis failed by itself", e);
            found = undiagnosed(exchange, facts);
          }
          // Gone before it is told: whoever hears of it and asks anew is not given it again.
          underWay.remove(key, mine);
          mine.diagnosis().complete(found);
          inquest.goOn(key);
        };
    try {
      executor.execute(work);
    } catch (RejectedExecutionException e) {
      // Closed: answer from what is at hand.
      underWay.remove(key, mine);
      mine.diagnosis().complete(undiagnosed(exchange, facts));
    }
    return mine.diagnosis();
  }

  private Diagnosis undiagnosed(FailedExchange exchange, UpstreamFacts facts) {
    var file = new CaseFile(exchange, facts, List.of(), Recollection.NOTHING);
    var verdict = new Verdict(Cause.UNKNOWN, 0, "The examination broke off.", file.parameters());
    return diagnoser.explain(file, verdict, List.of(), Instant.now(), 0);
  }

  private Diagnosis examineNow(
      ExchangeKey key, FailedExchange exchange, UpstreamFacts facts, UnderWay mine) {
    long began = mine.began();
    List<Gathered> gathered = inquest.of(exchange.views(), facts, began);
    List<CaseFile> files = gathered.stream().map(each -> each.settled(examination, facts)).toList();
    Diagnosis judged = explain(files, (System.nanoTime() - began) / 1_000);
    List<LongerLook> looks = gathered.stream().flatMap(each -> each.look().stream()).toList();
    Diagnosis diagnosis = longer.marked(judged, looks);
    keep(key, diagnosis, facts, mine);
    listeners.forEach(listener -> listener.accept(diagnosis));
    longer.follow(
        gathered,
        diagnosis,
        facts,
        began,
        (before, found) -> {
          if (!mine.recovery().isAfter(began)) {
            keep(key, found, facts, mine);
            refined.forEach(listener -> listener.accept(before, found));
          }
        });
    return diagnosis;
  }

  private void keep(ExchangeKey key, Diagnosis diagnosis, UpstreamFacts facts, UnderWay mine) {
    Kept found = new Kept(diagnosis, facts, mine.recovery(), mine.began(), System.nanoTime());
    kept.asMap().merge(key, found, (a, b) -> a.began() - b.began() > 0 ? a : b);
    if (diagnosis.exchange().failure() instanceof AttemptsExhausted) {
      latest.asMap().merge(key.upstream(), found, (a, b) -> a.began() - b.began() > 0 ? a : b);
    }
  }

  /// What was found of the failures that opened a circuit; waits for an examination of them that is
  /// under way, since a circuit may open before the first of them is understood.
  private @Nullable Diagnosis whatOpened(String upstream) {
    Kept known = latest.getIfPresent(upstream);
    for (Map.Entry<ExchangeKey, UnderWay> each : underWay.entrySet()) {
      ExchangeKey key = each.getKey();
      UnderWay current = each.getValue();
      if (key.upstream().equals(upstream)
          && key.isOfAttempts()
          && (known == null || known.isOver())) {
        return current
            .diagnosis()
            .<@Nullable Diagnosis>thenApply(diagnosis -> diagnosis)
            .completeOnTimeout(null, settings.budget().toMillis(), TimeUnit.MILLISECONDS)
            .join();
      }
    }
    return known == null ? null : known.diagnosis();
  }

  /// An open circuit keeps the cause that opened it, where that is known.
  private Diagnosis explain(List<CaseFile> files, long elapsedMicros) {
    CaseFile file = files.getFirst();
    boolean open =
        file.exchange().failure() instanceof NoEndpoint(NoEndpoint.Reason why)
            && why == NoEndpoint.Reason.CIRCUIT_OPEN;
    Diagnosis opened = open ? whatOpened(file.exchange().upstream()) : null;
    return opened == null || opened.cause() == Cause.UNKNOWN
        ? diagnoser.diagnose(files, Instant.now(), elapsedMicros)
        : diagnoser.explain(
            file, opened.verdict(), opened.runnersUp(), Instant.now(), elapsedMicros);
  }

  private void noteLogs() {
    try {
      while (true) {
        Thread.sleep(Duration.ofSeconds(5));
        logs.checkpoint();
      }
    } catch (InterruptedException e) {
      // Closed.
      Thread.currentThread().interrupt();
    }
  }
}
