package io.whygate.diagnostics.incident;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.facts.RequestShape;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.incident.Extent.Hit;
import io.whygate.diagnostics.incident.Incident.State;
import io.whygate.diagnostics.memory.Change;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnosis;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;

/// All incidents: one per upstream and cause, from the first failure to the recovery, with the same
/// id on each page.
///
/// Bounded. Safe for use by many threads; counting another failure of an open incident, and asking
/// whether a success ends one, take no lock. Listeners are called on the thread that made the
/// change, after it was made, and must not block.
public final class IncidentBook {
  private static final Duration SHOWN = Duration.ofHours(1);

  private final IncidentSettings settings;
  private final InstantSource clock;
  private final IncidentIds ids = new IncidentIds();
  private final ReentrantLock lock = new ReentrantLock();
  private final ConcurrentHashMap<String, Entry> byId = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Key, Entry> latest = new ConcurrentHashMap<>();
  private final Audience audience = new Audience();
  private final Past past;
  private volatile List<Entry> open = List.of();

  /// What became different before a failure.
  @FunctionalInterface
  public interface Past {
    /// The changes that concern an upstream, newest first.
    List<Change> changes(UpstreamFacts facts, Instant until);
  }

  private record Key(String upstream, Cause cause) {
    static Key of(Diagnosis diagnosis) {
      return new Key(diagnosis.exchange().upstream(), diagnosis.cause());
    }
  }

  public IncidentBook(IncidentSettings settings, InstantSource clock) {
    this(settings, clock, (_, _) -> List.of());
  }

  /// @param past knows what became different before a failure
  public IncidentBook(IncidentSettings settings, InstantSource clock, Past past) {
    this.settings = settings;
    this.clock = clock;
    this.past = past;
  }

  /// Takes back what was kept over a restart. What was open still is, unless its upstream is gone.
  ///
  /// @param facts what the configuration says of an upstream now; empty where it is gone
  public void restore(List<Incident> kept, Function<String, Optional<UpstreamFacts>> facts) {
    var stillOpen = new ArrayList<Entry>();
    lock.lock();
    try {
      for (Incident each : kept) {
        Entry entry = new Entry(each, facts.apply(each.upstream()));
        if (byId.putIfAbsent(entry.id, entry) != null) {
          continue;
        }
        latest.merge(Key.of(entry.diagnosis), entry, (a, b) -> a.since.isAfter(b.since) ? a : b);
        if (entry.isOpen() && entry.facts.isEmpty() && !entry.isOfOwnCertificate()) {
          end(entry);
        } else if (entry.isOpen()) {
          stillOpen.add(entry);
        }
      }
      prune();
      listOpen();
    } finally {
      lock.unlock();
    }
    stillOpen.forEach(this::tell);
  }

  /// Notes a failure that was not healed, and gives the incident that it belongs to.
  ///
  /// @param page whether the visitor got a page of the gateway's; false where the server's own
  ///   answer was passed through, or only a broken-off body could be
  public Incident failed(Diagnosis diagnosis, UpstreamFacts facts, boolean page) {
    return failed(diagnosis, diagnosis.exchange().request(), 0, facts, page);
  }

  /// The same for a request that shares the diagnosis of another.
  ///
  /// @param request the one that failed
  /// @param client stands for who sent it ([RequestShape#client])
  public Incident failed(
      Diagnosis diagnosis, RequestFacts request, long client, UpstreamFacts facts, boolean page) {
    Entry known = latest.get(Key.of(diagnosis));
    if (known != null && known.isOpen() && known.learnsNothingFrom(diagnosis)) {
      known.client.failed(client);
      count(known, request, page);
      return known.snapshot();
    }
    Entry entry;
    var changed = new ArrayList<Entry>();
    lock.lock();
    try {
      supersede(diagnosis, changed);
      entry = enter(diagnosis, Optional.of(facts));
      entry.client.failed(client);
      changed.add(entry);
    } finally {
      lock.unlock();
    }
    count(entry, request, page);
    changed.forEach(this::tell);
    return entry.snapshot();
  }

  private void count(Entry entry, RequestFacts request, boolean page) {
    Instant now = clock.instant();
    entry.lastSeen = now;
    entry.tally.count(Hit.of(request, now));
    entry.requests.increment();
    if (page) {
      entry.pages.increment();
    }
  }

  /// Notes what is wrong with a certificate that the gateway itself shows, and that no request has
  /// met: its incident is opened once, tells what was found last, and goes on until
  /// [#recovered(String)].
  ///
  /// @param diagnosis of an exchange that failed by [ExchangeFailure.OwnCertificate]
  public Incident noted(Diagnosis diagnosis) {
    Entry entry;
    lock.lock();
    try {
      Entry known = latest.get(Key.of(diagnosis));
      if (known != null
          && known.isOpen()
          && known.diagnosis.verdict().equals(diagnosis.verdict())) {
        known.lastSeen = clock.instant();
        return known.snapshot();
      }
      entry = enter(diagnosis, Optional.empty());
      entry.lastSeen = clock.instant();
    } finally {
      lock.unlock();
    }
    tell(entry);
    return entry.snapshot();
  }

  private Entry enter(Diagnosis diagnosis, Optional<UpstreamFacts> facts) {
    Instant now = clock.instant();
    Entry last = latest.get(Key.of(diagnosis));
    if (last != null && (last.isOpen() || last.isContinuedAt(now))) {
      last.diagnosis = diagnosis;
      last.facts = facts;
      if (!last.isOpen()) {
        last.state = State.OPEN;
        last.falseEnds.incrementAndGet();
        last.ended = Optional.empty();
        listOpen();
      }
      return last;
    }
    return add(newEntry(diagnosis, facts, State.OPEN, now));
  }

  private Entry newEntry(
      Diagnosis diagnosis, Optional<UpstreamFacts> facts, State state, Instant now) {
    Instant failed = diagnosis.exchange().at();
    Instant until = failed.isBefore(now) ? failed : now;
    List<Change> before = facts.map(each -> past.changes(each, until)).orElse(List.of());
    return new Entry(ids.next(), diagnosis, facts, state, now, before);
  }

  private Entry add(Entry entry) {
    prune();
    byId.put(entry.id, entry);
    latest.put(Key.of(entry.diagnosis), entry);
    listOpen();
    return entry;
  }

  private void listOpen() {
    open = byId.values().stream().filter(Entry::isOpen).toList();
  }

  /// Another cause of the same failures: the earlier incident is given the new name where it had
  /// none, else it ends, since its cause no longer holds.
  private void supersede(Diagnosis diagnosis, List<Entry> changed) {
    for (Entry entry : open) {
      if (entry.cause() == diagnosis.cause() || !entry.concernsTheSameAs(diagnosis)) {
        continue;
      }
      Key key = Key.of(diagnosis);
      Entry other = latest.get(key);
      if (entry.cause() == Cause.UNKNOWN && (other == null || !other.isOpen())) {
        rename(entry, diagnosis);
      } else {
        end(entry);
        changed.add(entry);
      }
    }
  }

  private void rename(Entry entry, Diagnosis diagnosis) {
    latest.remove(Key.of(entry.diagnosis), entry);
    entry.diagnosis = diagnosis;
    latest.put(Key.of(diagnosis), entry);
  }

  /// More was found of a failure while nobody waited: its incident tells that, by the same id.
  /// Where the cause is another one's, of which an incident is open already, that one goes on
  /// alone.
  ///
  /// @param before what was found at first
  public void refined(Diagnosis before, Diagnosis found) {
    Entry entry;
    lock.lock();
    try {
      entry = latest.get(Key.of(before));
      if (entry == null || !entry.isOpen() || !entry.diagnosis.equals(before)) {
        return;
      }
      Entry other = latest.get(Key.of(found));
      if (other == null || other == entry || !other.isOpen()) {
        rename(entry, found);
      } else {
        end(entry);
      }
    } finally {
      lock.unlock();
    }
    tell(entry);
  }

  private void end(Entry entry) {
    entry.state = State.RECOVERED;
    entry.ended = Optional.of(clock.instant());
    listOpen();
  }

  /// Notes a failure that no visitor saw.
  public Incident healed(Diagnosis diagnosis, UpstreamFacts facts) {
    return healed(diagnosis, diagnosis.exchange().request(), facts);
  }

  /// The same for a request that shares the diagnosis of another.
  ///
  /// @param request the one that was healed
  public Incident healed(Diagnosis diagnosis, RequestFacts request, UpstreamFacts facts) {
    Entry entry;
    lock.lock();
    try {
      Instant now = clock.instant();
      Entry last = latest.get(Key.of(diagnosis));
      if (last != null && (last.isOpen() || last.isHealedOfLate(now))) {
        entry = last;
      } else {
        entry = add(newEntry(diagnosis.healed(), Optional.of(facts), State.HEALED, now));
      }
      if (!entry.isOpen()) {
        entry.diagnosis = diagnosis.healed();
        entry.ended = Optional.of(now);
      }
    } finally {
      lock.unlock();
    }
    count(entry, request, false);
    tell(entry);
    return entry.snapshot();
  }

  /// Ordinary traffic succeeded: tells who watches the incidents that this speaks against, since
  /// only a probe of the gateway's own ends one. Costs one volatile read while nothing is open.
  public void succeeded(String upstream, Endpoint endpoint, RequestShape request) {
    List<Entry> candidates = open;
    if (candidates.isEmpty()) {
      return;
    }
    for (Entry entry : candidates) {
      if (entry.upstream.equals(upstream) && entry.isLike(endpoint, request)) {
        entry.client.served(request.client());
        if (entry.isSpokenAgainstBy(request)) {
          entry.lastServed = Optional.of(clock.instant());
          audience.doubt(entry.id);
        }
      }
    }
  }

  /// Calls a listener with the id of an open incident that ordinary traffic speaks against; on the
  /// thread of the traffic, so it must return at once.
  Subscription onDoubt(Consumer<String> listener) {
    return audience.onDoubt(listener);
  }

  /// Whether ordinary traffic succeeded since the latest failure of an incident.
  boolean isDoubted(String id) {
    Entry entry = byId.get(id);
    return entry != null && entry.lastServed.filter(entry.lastSeen::isBefore).isPresent();
  }

  /// Whether an incident may be over: whether it was not taken for that in vain of late, and has
  /// not failed since a moment.
  boolean isCalm(String id, Instant since) {
    Entry entry = byId.get(id);
    return entry != null
        && !entry.lastSeen.isAfter(since)
        && !entry.calmFrom().isAfter(clock.instant());
  }

  /// How long an incident that does not fail meanwhile may not be over yet; not positive for one
  /// that may be, or is gone.
  Duration untilCalm(String id) {
    Entry entry = byId.get(id);
    return entry == null ? Duration.ZERO : Duration.between(clock.instant(), entry.calmFrom());
  }

  /// Keeps something beside an incident, as long as it is kept itself, such as the reference of a
  /// recording.
  public void note(String id, String name, String value) {
    Entry entry = byId.get(id);
    if (entry != null) {
      entry.tally.note(name, value);
      tell(entry);
    }
  }

  /// Ends an incident: what failed works again. True where it was open.
  public boolean recovered(String id) {
    Entry entry = byId.get(id);
    if (entry == null) {
      return false;
    }
    lock.lock();
    try {
      if (!entry.isOpen()) {
        return false;
      }
      end(entry);
    } finally {
      lock.unlock();
    }
    tell(entry);
    return true;
  }

  /// Ends the open incident of an upstream with this cause, such as a maintenance that is over.
  public void recovered(String upstream, Cause cause) {
    Entry entry = latest.get(new Key(upstream, cause));
    if (entry != null) {
      recovered(entry.id);
    }
  }

  /// The incident with this id, while it is kept.
  public Optional<Incident> find(String id) {
    return Optional.ofNullable(byId.get(id)).filter(this::isKept).map(Entry::snapshot);
  }

  /// The incident with this id, while anybody may ask for it: open, or ended less than an hour ago.
  public Optional<Incident> shown(String id) {
    return find(id)
        .filter(
            each -> each.ended().map(end -> end.plus(SHOWN).isAfter(clock.instant())).orElse(true));
  }

  /// What the configuration said of the upstream when the incident last failed.
  Optional<UpstreamFacts> factsOf(String id) {
    return Optional.ofNullable(byId.get(id)).flatMap(entry -> entry.facts);
  }

  /// Another configuration is in force: what is tried next for open incidents is by what it says.
  ///
  /// @param now what it says of an upstream; nothing of one that is gone, which stays as it was
  public void reconfigured(Function<String, Optional<UpstreamFacts>> now) {
    lock.lock();
    try {
      for (Entry entry : open) {
        now.apply(entry.upstream).ifPresent(facts -> entry.facts = Optional.of(facts));
      }
    } finally {
      lock.unlock();
    }
  }

  /// All that are kept, newest first.
  public List<Incident> all() {
    return byId.values().stream()
        .filter(this::isKept)
        .map(Entry::snapshot)
        .sorted(Comparator.comparing(Incident::since).reversed())
        .toList();
  }

  /// The open ones that [#noted(Diagnosis)] opened, in no order. Costs one volatile read while none
  /// is open.
  public List<Incident> ofOwnCertificates() {
    return open.stream().filter(Entry::isOfOwnCertificate).map(Entry::snapshot).toList();
  }

  /// How many incidents of an upstream are open. Costs one volatile read while none is.
  public int openCount(String upstream) {
    int count = 0;
    for (Entry entry : open) {
      if (entry.upstream.equals(upstream)) {
        count++;
      }
    }
    return count;
  }

  /// Calls a listener when any incident opens, changes or ends.
  public Subscription onChange(Consumer<Incident> listener) {
    return audience.onChange(listener);
  }

  /// Calls a listener when one incident changes or ends; empty where it is not kept.
  public Optional<Subscription> subscribe(String id, Consumer<Incident> listener) {
    Entry entry = byId.get(id);
    if (entry == null || !isKept(entry)) {
      return Optional.empty();
    }
    entry.subscribers.add(listener);
    return Optional.of(() -> entry.subscribers.remove(listener));
  }

  /// Whether anybody listens for an incident's end.
  boolean isAwaited(String id) {
    Entry entry = byId.get(id);
    return entry != null && !entry.subscribers.isEmpty();
  }

  private void tell(Entry entry) {
    audience.tell(entry.snapshot(), entry.subscribers);
  }

  private boolean isKept(Entry entry) {
    return entry
        .ended
        .map(end -> end.plus(settings.keptFor()).isAfter(clock.instant()))
        .orElse(true);
  }

  /// Makes room for one more: what ended first goes first, then what is oldest.
  private void prune() {
    byId.values().removeIf(entry -> !isKept(entry));
    if (byId.size() >= settings.limit()) {
      byId.values().stream()
          .min(Comparator.comparing(Entry::isOpen).thenComparing(entry -> entry.lastSeen))
          .ifPresent(entry -> byId.remove(entry.id));
    }
    latest.values().removeIf(entry -> !byId.containsKey(entry.id));
  }
}
