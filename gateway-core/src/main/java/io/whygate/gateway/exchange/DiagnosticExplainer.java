package io.whygate.gateway.exchange;

import io.netty.channel.EventLoop;
import io.whygate.diagnostics.Diagnostician;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.RequestShape;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.incident.IncidentBook;
import io.whygate.diagnostics.incident.Recordings;
import io.whygate.diagnostics.memory.Clocks;
import io.whygate.diagnostics.memory.Identity;
import io.whygate.diagnostics.memory.Memory;
import io.whygate.diagnostics.memory.RecentCounts;
import io.whygate.diagnostics.memory.Recollection.Fate;
import io.whygate.diagnostics.platform.PlatformMarks;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.gateway.address.AddressBook;
import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.upstream.Upstream;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/// Explains by the diagnostics library. One object per event loop.
public final class DiagnosticExplainer implements Explainer {
  private static final int SAMPLED = 16;

  /// Under load that many answers would tell the same again and again, at a cost that is seen: one
  /// takes as long as two requests.
  private static final long BETWEEN_SAMPLES_NANOS = Duration.ofMillis(10).toNanos();

  private final Diagnostician diagnostician;
  private final IncidentBook incidents;
  private final Recordings recordings;
  private final RecentCounts counts;
  private final Memory memory;
  private final Clocks clocks;
  private final AddressBook addresses;
  private final SiteDoubts doubts;
  private final Function<Upstream, UpstreamFacts> facts;
  private final BiConsumer<String, Cause> healed;
  private int answers;
  private long sampledNanos = System.nanoTime() - BETWEEN_SAMPLES_NANOS;

  /// @param doubts hears of an endpoint that begins anew, or looks different
  /// @param facts what the configuration says of an upstream
  /// @param healed hears of each request that was served in spite of a failure
  public DiagnosticExplainer(
      Diagnostician diagnostician,
      IncidentBook incidents,
      Recordings recordings,
      RecentCounts counts,
      Memory memory,
      Clocks clocks,
      AddressBook addresses,
      SiteDoubts doubts,
      Function<Upstream, UpstreamFacts> facts,
      BiConsumer<String, Cause> healed) {
    this.diagnostician = diagnostician;
    this.incidents = incidents;
    this.recordings = recordings;
    this.counts = counts;
    this.memory = memory;
    this.clocks = clocks;
    this.addresses = addresses;
    this.doubts = doubts;
    this.facts = facts;
    this.healed = healed;
  }

  @Override
  public void diagnose(
      FailedExchange failed, Upstream upstream, EventLoop loop, Consumer<Diagnosis> then) {
    shutOut(failed);
    Optional<Diagnosis> known = diagnostician.recent(failed);
    if (known.isPresent()) {
      then.accept(known.get());
      return;
    }
    diagnostician
        .diagnose(failed, facts.apply(upstream))
        .thenAccept(diagnosis -> loop.execute(() -> then.accept(diagnosis)));
  }

  /// Remembers which new connections were not let in: what is served in between tells a limit; and
  /// what they were told, since the next one may be told nothing.
  private void shutOut(FailedExchange failed) {
    for (FailedAttempt attempt : failed.attempts()) {
      attempt
          .wire()
          .icmp()
          .ifPresent(icmp ->
              attempt
                  .address()
                  .ifPresent(address -> memory.told(attempt.endpoint(), address, icmp)));
      Fate fate =
          switch (attempt.failure()) {
            case AttemptFailure.ConnectRefused _ -> Fate.REFUSED;
            case AttemptFailure.TimedOut(Phase phase, _) when phase == Phase.CONNECT -> Fate.SILENT;
            default -> null;
          };
      Timeline timeline = attempt.timeline();
      // One that took no time at all is another's failure: nothing was tried.
      if (fate != null && timeline.ended() > 0) {
        attempt
            .address()
            .ifPresent(address ->
                memory.shutOut(
                    attempt.endpoint(),
                    address,
                    fate,
                    Math.max(0, timeline.ended() - timeline.resolved())));
      }
    }
  }

  @Override
  public Incident failed(
      Diagnosis diagnosis,
      FailedExchange failed,
      Upstream upstream,
      boolean page,
      RequestCapture request) {
    Diagnosis latest = diagnostician.latest(diagnosis);
    RequestShape shape = request.shape(counts::clientOf);
    Incident incident =
        incidents.failed(latest, failed.request(), shape.client(), facts.apply(upstream), page);
    Diagnosis since = diagnostician.latest(diagnosis);
    if (!since.equals(latest)) {
      // More was found between the two: whoever found it had no incident to tell.
      incidents.refined(latest, since);
    }
    record(incident, failed, upstream, request);
    counts.failed(failed, shape);
    return incident;
  }

  /// What is passed on as it is has no request that could be sent again.
  private void record(
      Incident incident, FailedExchange failed, Upstream upstream, RequestCapture request) {
    if (upstream.endpoints().stream().noneMatch(each -> each.endpoint().isTcp())) {
      recordings.note(incident.id(), failed, request);
    }
  }

  @Override
  public int keptContent() {
    return recordings.bodyBytes();
  }

  @Override
  public Optional<Incident> healed(
      FailedExchange failed,
      Optional<Diagnosis> by,
      Optional<InetAddress> servedBy,
      Endpoint servedAt,
      Upstream upstream,
      RequestCapture request) {
    UpstreamFacts known = facts.apply(upstream);
    Diagnosis diagnosis = by.orElseGet(() -> diagnostician.healed(failed, known, servedBy));
    shutOut(failed);
    healed.accept(upstream.name(), diagnosis.cause());
    Incident incident = incidents.healed(diagnosis, failed.request(), known);
    record(incident, failed, upstream, request);
    counts.healed(failed);
    counts.answeredAt(failed.upstream(), servedAt);
    return Optional.of(incident);
  }

  @Override
  public void answered(
      Upstream upstream,
      Attempt attempt,
      RequestHead request,
      ForwardedFields forwarded,
      long received) {
    Endpoint endpoint = attempt.endpoint().endpoint();
    RequestShape shape = RequestShapes.of(request, forwarded, counts::clientOf, received);
    String path = shape.path();
    counts.answered(upstream.name(), endpoint, shape);
    if (attempt.facts().status() < 500) {
      incidents.succeeded(upstream.name(), endpoint, shape);
      boolean fresh = !attempt.facts().use().isReused();
      diagnostician.worked(upstream.name(), endpoint, path, fresh, attempt.facts().startedNanos());
    }
    // What is slow while something is wrong is not what is usual.
    remember(attempt, endpoint, path, 0);
  }

  @Override
  public boolean wantsAnswers(Upstream upstream) {
    return incidents.openCount(upstream.name()) > 0;
  }

  @Override
  public boolean sample(Attempt attempt, RequestHead request, ResponseHead head) {
    if (attempt.facts().use().isReused() && !isDue(attempt.facts().startedNanos())) {
      return false;
    }
    Endpoint endpoint = attempt.endpoint().endpoint();
    remember(attempt, endpoint, request.path(), waited(attempt));
    FieldSection fields = head.fields();
    memory.headerSeen(endpoint, fields.count() == 0 ? 0 : fields.lineEnd(fields.count() - 1));
    memory.askedFor(endpoint, request.authority());
    memory.recognised(endpoint, PlatformMarks.of(fields::joined, request.path(), head.status()));
    long idle = attempt.endpoint().idleClose().learnedNanos();
    if (idle > 0) {
      memory.idleCloses(endpoint, idle / 1_000_000);
    }
    if (!attempt.facts().use().isReused()) {
      doubts.suspect(endpoint, false);
    }
    if (clocks.wants(endpoint)) {
      clocks.heard(endpoint, head.fields().first(FieldName.DATE));
    }
    return isStartPage(request, head);
  }

  /// Whether this answer over a connection that is known is one of those that are looked at.
  private boolean isDue(long nanos) {
    if (++answers % SAMPLED != 1 || nanos - sampledNanos < BETWEEN_SAMPLES_NANOS) {
      return false;
    }
    sampledNanos = nanos;
    return true;
  }

  private static boolean isStartPage(RequestHead request, ResponseHead head) {
    return head.status() == 200 && request.method().equals("GET") && request.path().equals("/");
  }

  @Override
  public void samplePage(Attempt attempt, String server, String beginning) {
    identify(attempt, Identity.of(server, beginning));
    memory.recognised(attempt.endpoint().endpoint(), PlatformMarks.ofPage(beginning));
  }

  /// Takes marks as the site's, or, where they are others than it showed at that address, has them
  /// looked at. A certificate that was verified proves the site whatever else is different.
  private void identify(Attempt attempt, Identity marks) {
    Endpoint endpoint = attempt.endpoint().endpoint();
    Optional<InetAddress> address = attempt.facts().address();
    if (address.isEmpty()) {
      memory.identified(endpoint, marks);
      return;
    }
    if (isProven(attempt)
        || memory.likeness(endpoint, address.get(), marks) != Identity.Likeness.DIFFERENT) {
      memory.accept(endpoint, address.get(), marks);
    } else {
      doubts.suspect(endpoint, true);
    }
  }

  /// Whether what answers needs no marks to be known: it is known by its address alone, or by its
  /// certificate.
  private static boolean isProven(Attempt attempt) {
    Endpoint endpoint = attempt.endpoint().endpoint();
    return Endpoint.isAddressLiteral(endpoint.host())
        || (endpoint.isTls() && attempt.upstream().settings().tls().verify());
  }

  private void remember(Attempt attempt, Endpoint endpoint, String path, long waited) {
    Timeline timeline = attempt.facts().timeline();
    long dialled =
        attempt.facts().use().isReused()
            ? Memory.NOT_DIALLED
            : Math.max(0, timeline.connected() - timeline.resolved());
    identify(attempt, attempt.facts().identity());
    Optional<InetAddress> address = attempt.facts().address();
    if (dialled != Memory.NOT_DIALLED && address.isPresent()) {
      long since = Math.max(0, attempt.facts().micros() - timeline.resolved());
      memory.letIn(endpoint, address.get(), waited(attempt), since);
    }
    memory.succeeded(endpoint, address, path, attempt.facts().status(), dialled, waited);
  }

  /// How long the first byte took, microseconds; 0 where that is not known.
  private static long waited(Attempt attempt) {
    Timeline timeline = attempt.facts().timeline();
    return timeline.firstByte() == Timeline.NEVER || timeline.sent() == Timeline.NEVER
        ? 0
        : Math.max(0, timeline.firstByte() - timeline.sent());
  }

  @Override
  public boolean looksStrange(Attempt attempt, RequestHead request) {
    Endpoint endpoint = attempt.endpoint().endpoint();
    Optional<InetAddress> address = attempt.facts().address();
    boolean isRepeatable = request.method().equals("GET") || request.method().equals("HEAD");
    return isRepeatable
        && !attempt.facts().use().isReused()
        && address.isPresent()
        && !isProven(attempt)
        && memory.likeness(endpoint, address.get(), attempt.facts().identity())
            == Identity.Likeness.DIFFERENT;
  }

  @Override
  public void compare(Attempt attempt, EventLoop loop, Consumer<Boolean> then) {
    Optional<InetAddress> address = attempt.facts().address();
    if (address.isEmpty()) {
      then.accept(false);
      return;
    }
    doubts
        .isElsewhere(attempt.endpoint().endpoint(), address.get())
        .thenAccept(elsewhere -> loop.execute(() -> then.accept(elsewhere)));
  }

  @Override
  public void heal(Diagnosis diagnosis) {
    diagnosis.remedy().ifPresent(addresses::heal);
  }
}
