package io.whygate.gateway.exchange;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.ConnectionUse;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.facts.WireFacts;
import io.whygate.diagnostics.memory.Identity;
import io.whygate.gateway.connection.UpstreamConnection;
import io.whygate.gateway.connection.UpstreamStream;
import io.whygate.gateway.connection.dial.DialFailure;
import io.whygate.gateway.connection.dial.Establishment;
import io.whygate.gateway.connection.dial.FailedAddress;
import io.whygate.gateway.connection.tls.LeafKey;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.transport.Transport;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What is known of one try at one endpoint: where it went, when its phases ended, what was sent
/// and what came. Filled while the try goes on; confined to its event loop.
final class AttemptFacts {
  private final Endpoint endpoint;
  private final long span;
  private final long startedNanos = System.nanoTime();

  private @Nullable UpstreamStream stream;
  private @Nullable DialFailure failedDial;
  private @Nullable ResponseHead answer;
  private Establishment dialled = Establishment.POOLED;
  private ConnectionUse use = ConnectionUse.FRESH;
  private Optional<InetAddress> address = Optional.empty();
  private long acknowledgedBefore = -1;
  private int status;
  private long endedNanos;

  /// @param span its own in the trace of its exchange; 0 where that has none
  AttemptFacts(Endpoint endpoint, long span) {
    this.endpoint = endpoint;
    this.span = span;
  }

  /// Notes the way of the exchange, before it begins there.
  void carriedBy(UpstreamStream way, Establishment how) {
    UpstreamConnection connection = way.connection();
    stream = way;
    address = connection.address();
    dialled = how;
    if (connection.requests() > 0) {
      long now = System.nanoTime();
      use =
          new ConnectionUse(
              connection.requests(),
              (now - connection.establishedNanos()) / 1_000_000,
              (now - connection.idleSinceNanos()) / 1_000_000);
    }
  }

  /// Notes what the server had acknowledged before the request, of which it is to be known whether
  /// it arrived.
  ///
  /// @param known negative where nobody has looked
  void acknowledgedBefore(long known) {
    UpstreamStream way = stream;
    acknowledgedBefore =
        known >= 0 || way == null ? known : Transport.acknowledged(way.connection().channel());
  }

  /// Whether it has a connection, over which it was begun.
  boolean isCarried() {
    return stream != null;
  }

  /// Notes the head of the final answer.
  void answered(ResponseHead head) {
    status = head.status();
    answer = head;
  }

  /// Notes that the server switched protocols.
  void switched() {
    status = 101;
  }

  void ended() {
    endedNanos = System.nanoTime();
  }

  /// Its own span in the trace of its exchange; 0 where that has none.
  long span() {
    return span;
  }

  /// The status of the answer; 0 where none came.
  int status() {
    return status;
  }

  ConnectionUse use() {
    return use;
  }

  /// How far it has come. A client may keep its side of a call open for as long as it likes: what
  /// came of the request counts.
  Phase phase() {
    if (answer != null) {
      return Phase.READ_RESPONSE;
    }
    UpstreamStream way = stream;
    if (way == null) {
      return Phase.CONNECT;
    }
    return way.sentNanos() == 0 && way.isStalled() ? Phase.SEND_REQUEST : Phase.AWAIT_RESPONSE;
  }

  /// What its server may have made of the request by now.
  RequestProcessed processed() {
    UpstreamStream way = stream;
    if (way == null || way.bytesSent() == 0) {
      return RequestProcessed.NOT_SENT;
    }
    return way.bytesReceived() == 0 ? RequestProcessed.UNKNOWN : RequestProcessed.RECEIVED;
  }

  /// The marks by which the server that answered is known again.
  Identity identity() {
    UpstreamStream from = stream;
    ResponseHead head = answer;
    if (from == null || head == null) {
      return Identity.UNKNOWN;
    }
    return SiteMarks.of(LeafKey.of(from.connection().channel()), head.fields());
  }

  /// The address it went to, once one was chosen.
  Optional<InetAddress> address() {
    return address;
  }

  /// The try as a failure: no connection could be made.
  FailedAttempt notDialled(DialFailure failure) {
    address = failure.address();
    failedDial = failure;
    return failure.at(endpoint);
  }

  /// The try as a failure: its connection gave no answer, or not all of it.
  FailedAttempt failed(AttemptFailure failure) {
    UpstreamStream from = stream;
    if (from == null) {
      throw new AssertionError("an answer without a connection");
    }
    return new FailedAttempt(
        endpoint,
        address,
        failure,
        timeline(),
        use,
        from.bytesSent(),
        from.bytesReceived(),
        from.firstBytes(),
        Transport.tcpFacts(from.connection().channel(), acknowledgedBefore),
        from.wire());
  }

  /// The try as a failure to be explained: an answer that says that the server cannot serve.
  FailedAttempt refused(AttemptFailure.UpstreamStatus said) {
    UpstreamStream from = stream;
    return new FailedAttempt(
        endpoint,
        address,
        said,
        timeline(),
        use,
        from == null ? 0 : from.bytesSent(),
        from == null ? 0 : from.bytesReceived(),
        from == null ? "" : from.firstBytes(),
        Optional.empty());
  }

  /// When its phases ended.
  Timeline timeline() {
    DialFailure undialled = failedDial;
    if (undialled != null) {
      return undialled.timeline();
    }
    UpstreamStream from = stream;
    long sent = from == null || from.sentNanos() == 0 ? Timeline.NEVER : micros(from.sentNanos());
    long first =
        from == null || from.firstByteNanos() == 0 ? Timeline.NEVER : micros(from.firstByteNanos());
    long end = endedNanos == 0 ? micros() : micros(endedNanos);
    return new Timeline(
        dialled.resolved(), dialled.connected(), dialled.secured(), sent, first, end);
  }

  /// When it began ([System#nanoTime()]).
  long startedNanos() {
    return startedNanos;
  }

  /// Microseconds since it began.
  long micros() {
    return micros(System.nanoTime());
  }

  private long micros(long nanos) {
    return Math.max(0, (nanos - startedNanos) / 1000);
  }

  /// Addresses of the endpoint that were tried beside the one that worked, and failed.
  List<FailedAttempt> losers() {
    List<FailedAddress> failed = dialled.failed();
    // On the way of every request: a stream of nothing costs as much as the rest of its facts.
    return failed.isEmpty() ? List.of() : failed.stream().map(this::loser).toList();
  }

  private FailedAttempt loser(FailedAddress each) {
    Timeline times =
        new Timeline(
            dialled.resolved(),
            Timeline.NEVER,
            Timeline.NEVER,
            Timeline.NEVER,
            Timeline.NEVER,
            each.micros());
    return new FailedAttempt(
        endpoint,
        Optional.of(each.address()),
        each.failure(),
        times,
        ConnectionUse.FRESH,
        0,
        0,
        "",
        Optional.empty(),
        WireFacts.told(each.icmp()));
  }

  /// Every address that timed out while it dialled.
  List<InetAddress> silentAddresses() {
    DialFailure undialled = failedDial;
    if (undialled == null) {
      return List.of();
    }
    return undialled.addresses().stream()
        .filter(each -> each.failure() instanceof AttemptFailure.TimedOut)
        .map(FailedAddress::address)
        .toList();
  }

  /// What operators are told of it.
  AttemptRecord record(Optional<AttemptFailure> failure) {
    UpstreamStream from = stream;
    return new AttemptRecord(
        endpoint,
        address,
        startedNanos,
        span,
        timeline(),
        use,
        from == null ? "" : from.protocol(),
        status,
        from == null ? 0 : from.bytesSent(),
        from == null ? 0 : from.bytesReceived(),
        failure);
  }
}
