package io.whygate.gateway.exchange;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.ExchangeFailure;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.facts.ResponseProblem;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.gateway.compression.EncodedContent;
import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.trace.Trace;
import io.whygate.gateway.trace.TraceParent;
import java.net.SocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What an exchange leaves behind for its recorders; filled while it goes on. Confined to its event
/// loop.
final class ExchangeRecord implements FinishedExchange {
  private final Downstream downstream;
  private final RequestHead request;
  private final long startedNanos = System.nanoTime();
  private final long startedMillis = System.currentTimeMillis();
  private final List<AttemptRecord> attempts = new ArrayList<>(1);

  private String route = "";
  private String upstream = "";
  private long durationNanos;
  private Outcome outcome = Outcome.ABANDONED;
  private @Nullable Incident incident;
  private @Nullable RequestId id;
  private @Nullable Trace trace;
  private List<Examined> examinations = List.of();

  int status;
  long requestBytes;
  long responseBytes;
  @Nullable EncodedContent encoded;

  ExchangeRecord(Downstream downstream, RequestHead request) {
    this.downstream = downstream;
    this.request = request;
  }

  void routed(String toRoute, String toUpstream) {
    route = toRoute;
    upstream = toUpstream;
  }

  void named(RequestId by) {
    id = by;
  }

  void traced(Trace by) {
    trace = by;
  }

  /// A failure of it was explained.
  ///
  /// @param askedNanos when that was asked for ([System#nanoTime()])
  void examined(Diagnosis diagnosis, long askedNanos) {
    if (trace != null) {
      examinations = new ArrayList<>(examinations);
      examinations.add(new Examined(diagnosis, askedNanos, System.nanoTime()));
    }
  }

  void attempted(AttemptRecord attempt) {
    attempts.add(attempt);
  }

  void filed(Incident under) {
    incident = under;
  }

  void finish(Outcome how) {
    outcome = how;
    durationNanos = System.nanoTime() - startedNanos;
  }

  /// The exchange as a failure, for diagnosis.
  ///
  /// @param answered whether an answer had begun
  FailedExchange failed(
      String ofUpstream, ExchangeFailure why, List<FailedAttempt> failures, boolean answered) {
    String host = request.authority();
    String traceId = traceId();
    return new FailedExchange(
        ofUpstream,
        new RequestFacts(
            request.method(),
            request.path(),
            host,
            downstream.scheme(),
            requestBytes,
            id == null ? List.of() : id.all(request.fields(), traceId),
            traceId,
            RequestShapes.size(request, requestBytes)),
        why,
        failures,
        processed(failures, answered),
        Instant.now(),
        (System.nanoTime() - startedNanos) / 1000);
  }

  private String traceId() {
    if (trace != null) {
      return trace.id();
    }
    TraceParent passed = TraceParent.of(request.fields());
    return passed == null ? "" : passed.id();
  }

  /// What servers may have made of a request.
  static RequestProcessed processed(List<FailedAttempt> failures, boolean answered) {
    if (answered) {
      return RequestProcessed.RECEIVED;
    }
    boolean sent = false;
    for (FailedAttempt each : failures) {
      if (each.isUnread() || isUnread(each.failure())) {
        continue;
      }
      if (each.bytesReceived() > 0) {
        return RequestProcessed.RECEIVED;
      }
      sent |= each.bytesSent() > 0;
    }
    return sent ? RequestProcessed.UNKNOWN : RequestProcessed.NOT_SENT;
  }

  /// Whether it is proven that no server read the request: it failed before it was sent; a TLS
  /// server found a greeting wanting, or an HTTP request in its place; or HTTP/2 says so.
  private static boolean isUnread(AttemptFailure failure) {
    return switch (failure) {
      case AttemptFailure.MalformedResponse malformed ->
          malformed.problem() == ResponseProblem.TLS_RECORD
              || malformed.problem() == ResponseProblem.TLS_WANTED;
      case AttemptFailure.StreamFailed stream -> !stream.processed();
      default -> failure.phase().compareTo(Phase.SEND_REQUEST) < 0;
    };
  }

  @Override
  public String listener() {
    return downstream.listener();
  }

  @Override
  public String route() {
    return route;
  }

  @Override
  public String upstream() {
    return upstream;
  }

  @Override
  public String protocol() {
    return downstream.protocol();
  }

  @Override
  public boolean secure() {
    return downstream.isSecure();
  }

  @Override
  public SocketAddress client() {
    return downstream.clientAddress();
  }

  @Override
  public String method() {
    return request.method();
  }

  @Override
  public String target() {
    return request.target();
  }

  @Override
  public String host() {
    return request.authority();
  }

  @Override
  public String userAgent() {
    return request.fields().first(FieldName.USER_AGENT);
  }

  @Override
  public String referer() {
    return request.fields().first(FieldName.REFERER);
  }

  @Override
  public String requestId() {
    return id == null ? "" : id.value(request.fields());
  }

  @Override
  public String scheme() {
    return downstream.scheme();
  }

  @Override
  public boolean isEarly() {
    return downstream.isEarly();
  }

  @Override
  public String frontId() {
    return downstream.frontId();
  }

  @Override
  public @Nullable Trace trace() {
    return trace;
  }

  @Override
  public String traceState() {
    return trace != null && trace.isContinued()
        ? request.fields().joined(FieldName.TRACESTATE)
        : "";
  }

  @Override
  public List<Examined> examinations() {
    return examinations;
  }

  @Override
  public long startedNanos() {
    return startedNanos;
  }

  @Override
  public long startedMillis() {
    return startedMillis;
  }

  @Override
  public long durationNanos() {
    return durationNanos;
  }

  @Override
  public int status() {
    return status;
  }

  @Override
  public long requestBytes() {
    return requestBytes;
  }

  @Override
  public long responseBytes() {
    return responseBytes;
  }

  @Override
  public @Nullable EncodedContent encoded() {
    return encoded;
  }

  @Override
  public Outcome outcome() {
    return outcome;
  }

  @Override
  public List<AttemptRecord> attempts() {
    return attempts;
  }

  @Override
  public Optional<Incident> incident() {
    return Optional.ofNullable(incident);
  }
}
