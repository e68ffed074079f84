package io.whygate.gateway.exchange;

import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.gateway.compression.EncodedContent;
import io.whygate.gateway.trace.Trace;
import java.net.SocketAddress;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An exchange that is over, as it may be told to operators.
public interface FinishedExchange {

  /// How it ended.
  enum Outcome {
    /// The upstream's answer reached the client whole.
    COMPLETED,
    /// The gateway answered itself: a page, or an error of the client's.
    REPLIED,
    /// The answer had begun and could not be finished; the client saw an abort.
    TRUNCATED,
    /// The client left before the end.
    ABANDONED,
    /// The deadline that its client gave a gRPC call was over before its end.
    EXPIRED
  }

  /// A failure of it that was explained.
  ///
  /// @param askedNanos when that was asked for ([System#nanoTime()])
  /// @param toldNanos when the explanation was there
  record Examined(Diagnosis diagnosis, long askedNanos, long toldNanos) {}

  /// The listener's label.
  String listener();

  /// The route's label; empty where none was reached.
  String route();

  /// The upstream's name; empty where none was reached.
  String upstream();

  /// `HTTP/1.0`, `HTTP/1.1` or `HTTP/2`; `TLS` or `TCP` where a connection was passed on.
  String protocol();

  /// Whether the client spoke TLS.
  boolean secure();

  /// The client's address: the connection's, or the one that a trusted proxy named.
  SocketAddress client();

  String method();

  /// The request target as the client sent it.
  String target();

  /// The authority that the client asked for.
  String host();

  /// The User-Agent field; empty where there was none.
  String userAgent();

  /// The Referer field; empty where there was none.
  String referer();

  /// The id by which the server's log names the request; empty where there is none.
  String requestId();

  /// What the client spoke, as a scheme.
  default String scheme() {
    return secure() ? "https" : "http";
  }

  /// Whether it went on before its client's handshake was over (0-RTT).
  default boolean isEarly() {
    return false;
  }

  /// By what the front's logs name the client's connection; empty where no front said so.
  default String frontId() {
    return "";
  }

  /// The trace that it belongs to; null where exchanges are not traced.
  @Nullable Trace trace();

  /// What the client's systems say of the trace (tracestate); empty where nothing is passed on.
  String traceState();

  /// The explanations that were asked for, first to last; none where it is not traced.
  List<Examined> examinations();

  /// Whether its spans are exported.
  default boolean isTraceKept() {
    Trace trace = trace();
    return trace != null && trace.isKept(isFailed());
  }

  /// Whether it met a failure: the server's or the gateway's own, whatever became of it; or a
  /// deadline that was over, whose answer may look like any other.
  default boolean isFailed() {
    return incident().isPresent()
        || status() >= 500
        || outcome() == Outcome.TRUNCATED
        || outcome() == Outcome.EXPIRED;
  }

  /// When the head had come ([System#nanoTime()]).
  long startedNanos();

  /// When the head had come, milliseconds since the epoch.
  long startedMillis();

  /// From the head to the end, nanoseconds.
  long durationNanos();

  /// The status that the client was sent; 0 where nothing was.
  int status();

  /// Bytes of the request's content that came from the client.
  long requestBytes();

  /// Bytes of the response's content that were sent to the client.
  long responseBytes();

  /// How the response's content was compressed on the way; null where it was not.
  default @Nullable EncodedContent encoded() {
    return null;
  }

  Outcome outcome();

  /// The tries, first to last; a request that needed one has one.
  List<AttemptRecord> attempts();

  /// What the failure or the healing is filed under; empty where nothing went wrong.
  Optional<Incident> incident();
}
