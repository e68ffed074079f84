package io.whygate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.page.Form;
import io.whygate.diagnostics.page.LateCall;
import io.whygate.gateway.grpc.GrpcTimeout;
import io.whygate.gateway.grpc.MessageWalk;
import io.whygate.gateway.http.Deadlines;
import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.Grammar;
import io.whygate.gateway.http.ResponseHead;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the gateway itself keeps of a gRPC call: the deadline that its client set (gRPC over
/// HTTP/2, "Timeout"), and where the messages of its answer end, so that its failure can be told in
/// trailers. Other requests have none. Confined to its event loop.
///
/// A deadline bounds all that the gateway does for the call: the wait for a connection, its making,
/// every try, the answer. It is for the client to choose, and says nothing of the server: a server
/// that did not answer within one is not held to have failed.
final class GrpcCall {
  private static final byte[] GRPC = "application/grpc".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] WEB = "application/grpc-web".getBytes(StandardCharsets.US_ASCII);
  private static final long NONE = -1;

  private final Exchange exchange;
  private final long startedNanos;
  private final long limit;
  private final boolean isWeb;
  private Deadlines.@Nullable Deadline deadline;
  private @Nullable MessageWalk walk;

  private GrpcCall(Exchange exchange, long startedNanos, long limit, boolean isWeb) {
    this.exchange = exchange;
    this.startedNanos = startedNanos;
    this.limit = limit;
    this.isWeb = isWeb;
  }

  /// The call that a request makes; null where it makes none.
  ///
  /// @param startedNanos when its head had come ([System#nanoTime()])
  /// @param most the longest deadline; zero for any
  static @Nullable GrpcCall of(Exchange exchange, long startedNanos, Duration most) {
    FieldSection fields = exchange.request().fields();
    boolean isWeb = isOfType(fields, WEB);
    if (!isWeb && !isOfType(fields, GRPC)) {
      return null;
    }
    long limit = GrpcTimeout.of(fields);
    if (limit >= 0 && !most.isZero()) {
      limit = Math.min(limit, most.toNanos());
    }
    return new GrpcCall(exchange, startedNanos, limit, isWeb);
  }

  /// Whether content is of a type, which may go on with how messages are written (`+proto`).
  private static boolean isOfType(FieldSection fields, byte[] type) {
    int field = fields.find(FieldName.CONTENT_TYPE, 0);
    if (field < 0) {
      return false;
    }
    byte[] bytes = fields.bytes();
    int start = fields.valueStart(field);
    int end = start + type.length;
    int left = fields.valueEnd(field) - end;
    return left >= 0
        && Grammar.equalsIgnoreCase(bytes, start, end, type)
        && (left == 0 || bytes[end] == '+' || bytes[end] == ';' || bytes[end] == '-');
  }

  /// Ends its exchange once its deadline is over.
  void begin() {
    if (limit >= 0) {
      Deadlines.Deadline next =
          exchange.services().deadlines().add(() -> exchange.guarded(this::end));
      deadline = next;
      next.in(timeLeft());
    }
  }

  /// What is left of its time, nanoseconds; negative where nothing bounds it.
  long timeLeft() {
    return limit < 0 ? NONE : Math.max(0, limit - (System.nanoTime() - startedNanos));
  }

  /// Whether its deadline is over: then its exchange has ended by that.
  boolean isLate() {
    boolean isLate = timeLeft() == 0;
    if (isLate) {
      end();
    }
    return isLate;
  }

  /// Ends it, unless what became of it is known and only the reason is looked for, which takes a
  /// bounded time: then the client is told that.
  private void end() {
    if (!exchange.isOver() && !exchange.isExplaining()) {
      exchange.lapsed(
          exchange.services().failurePages().late(late(), isWeb ? Form.GRPC_WEB : Form.GRPC));
    }
  }

  /// What its client is told; where its answer has not begun, the whole of it.
  private LateCall late() {
    List<FailedAttempt> failures = exchange.failures();
    Attempt running = exchange.attempts().running();
    RequestProcessed before = ExchangeRecord.processed(failures, exchange.hasAnswered());
    RequestProcessed now =
        running != null ? running.facts().processed() : RequestProcessed.NOT_SENT;
    return new LateCall(
        Duration.ofNanos(limit),
        running != null ? running.facts().phase() : ended(failures),
        failures.isEmpty() ? Optional.empty() : Optional.of(failures.getLast().failure().symptom()),
        now.compareTo(before) > 0 ? now : before);
  }

  private static Phase ended(List<FailedAttempt> failures) {
    AttemptFailure last = failures.isEmpty() ? null : failures.getLast().failure();
    return last == null ? Phase.CONNECT : last.phase();
  }

  /// Its answer begins, and is passed on as it is. Messages are followed where trailers end them
  /// for the client.
  void answered(ResponseHead head) {
    FieldSection fields = head.fields();
    if (!isWeb
        && head.status() == 200
        && head.framing() == Framing.CHUNKED
        && isOfType(fields, GRPC)
        && !isOfType(fields, WEB)
        && !exchange.downstream().protocol().startsWith("HTTP/1")) {
      walk = new MessageWalk();
    }
  }

  /// Whether its answer is made of messages that are followed.
  boolean isFollowed() {
    return walk != null;
  }

  /// Goes on through a piece of its answer, which stays the caller's.
  void follow(ByteBuf piece) {
    MessageWalk following = walk;
    if (following != null && !following.follow(piece)) {
      walk = null;
    }
  }

  /// Whether trailers may follow what came of its answer.
  boolean mayEnd() {
    return walk != null && walk.isBetweenMessages();
  }

  /// Forgets its deadline.
  void close() {
    if (deadline != null) {
      deadline.close();
    }
  }
}
