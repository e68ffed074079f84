package io.whygate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.ConnectionUse;
import io.whygate.diagnostics.facts.ExchangeFailure;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.facts.Unreachability;
import io.whygate.diagnostics.memory.Identity;
import io.whygate.gateway.connection.Acquisition;
import io.whygate.gateway.connection.Offences;
import io.whygate.gateway.connection.UpstreamConnection;
import io.whygate.gateway.connection.dial.DialFailure;
import io.whygate.gateway.connection.dial.Establishment;
import io.whygate.gateway.connection.dial.FailedAddress;
import io.whygate.gateway.connection.tls.LeafKey;
import io.whygate.gateway.http.Chunks;
import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.transport.Transport;
import io.whygate.gateway.upstream.EndpointState;
import io.whygate.gateway.upstream.Upstream;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One try at one endpoint: gets a connection, sends the request, hands the answer to its exchange.
///
/// A new object for every try; confined to its event loop.
public final class Attempt extends Acquisition implements UpstreamConnection.Receiver {
  private final Exchange exchange;
  private final EndpointState endpoint;
  private final boolean freshOnly;
  private final Collection<InetAddress> excluded;
  private final long startedNanos = System.nanoTime();

  private @Nullable UpstreamConnection connection;
  private @Nullable DialFailure failedDial;
  private Establishment dialled = Establishment.POOLED;
  private ConnectionUse use = ConnectionUse.FRESH;
  private Optional<InetAddress> address = Optional.empty();
  private @Nullable ResponseHead answer;
  private int status;
  private long endedNanos;
  private boolean over;

  Attempt(
      Exchange exchange,
      EndpointState endpoint,
      boolean freshOnly,
      Collection<InetAddress> excluded) {
    this.exchange = exchange;
    this.endpoint = endpoint;
    this.freshOnly = freshOnly;
    this.excluded = excluded;
  }

  void start() {
    endpoint.requestBegan();
    exchange.services().pool().acquire(this);
  }

  @Override
  public Upstream upstream() {
    return exchange.upstream();
  }

  @Override
  public EndpointState endpoint() {
    return endpoint;
  }

  @Override
  public Collection<InetAddress> excluded() {
    return excluded;
  }

  @Override
  public boolean freshOnly() {
    return freshOnly;
  }

  @Override
  protected void acquired(UpstreamConnection acquired, Establishment how) {
    try {
      carriedBy(acquired, how);
      exchange.connected(this);
    } catch (RuntimeException | Error e) {
      exchange.broke(e);
    }
  }

  private void carriedBy(UpstreamConnection acquired, Establishment how) {
    connection = acquired;
    address = acquired.address();
    dialled = how;
    long now = System.nanoTime();
    if (acquired.requests() > 0) {
      use =
          new ConnectionUse(
              acquired.requests(),
              (now - acquired.establishedNanos()) / 1_000_000,
              (now - acquired.idleSinceNanos()) / 1_000_000);
    }
    RequestHead request = exchange.request();
    acquired.begin(this, request.isHead(), request.upgradeField() >= 0);
    ByteBuf head = acquired.channel().alloc().buffer(request.fields().count() * 48 + 512);
    UpstreamRequest.write(
        head,
        request,
        endpoint.endpoint(),
        exchange.upstream().settings().hostHeader(),
        exchange.downstream().forwarded());
    acquired.send(head);
  }

  @Override
  protected void notDialled(DialFailure failure) {
    address = failure.address();
    failedDial = failure;
    finish();
    failed(
        new FailedAttempt(
            endpoint.endpoint(),
            address,
            failure.failure(),
            failure.timeline(),
            use,
            0,
            failure.received(),
            failure.firstBytes(),
            failure.tcp()));
  }

  private void failed(FailedAttempt how) {
    try {
      exchange.attemptFailed(this, how);
    } catch (RuntimeException | Error e) {
      exchange.broke(e);
    }
  }

  @Override
  protected void nothingToDial() {
    finish();
    try {
      exchange.nothingLeft();
    } catch (RuntimeException | Error e) {
      exchange.broke(e);
    }
  }

  @Override
  protected void rejected(ExchangeFailure.LimitReached limit) {
    finish();
    try {
      exchange.limitReached(limit);
    } catch (RuntimeException | Error e) {
      exchange.broke(e);
    }
  }

  /// Sends a piece of content; false where the connection wants no more for now. Owns the piece.
  boolean send(ByteBuf piece, Framing framing) {
    UpstreamConnection to = connection;
    if (to == null || over) {
      piece.release();
      return true;
    }
    if (framing == Framing.CHUNKED) {
      to.sendChunk(piece);
    } else {
      to.send(piece);
    }
    return to.isWritable();
  }

  /// Says that the request is sent whole.
  void requestEnd(Framing framing, @Nullable FieldSection trailers) {
    UpstreamConnection to = connection;
    if (to == null || over) {
      return;
    }
    if (framing == Framing.CHUNKED) {
      to.send(Chunks.last(to.channel(), trailers));
    }
    to.requestEnd();
    to.flush();
  }

  void awaitContinue() {
    if (connection != null) {
      connection.awaitContinue();
    }
  }

  void flush() {
    if (connection != null && !over) {
      connection.flush();
    }
  }

  /// Keeps back what follows the head until [#proceed].
  void hold() {
    if (connection != null) {
      connection.hold();
    }
  }

  void proceed() {
    if (connection != null && !over) {
      connection.proceed();
    }
  }

  void pause() {
    if (connection != null && !over) {
      connection.pause();
    }
  }

  void resume() {
    if (connection != null && !over) {
      connection.resume();
    }
  }

  void endTunnelOutput() {
    if (connection != null && !over) {
      connection.endTunnelOutput();
    }
  }

  /// Gives it up: nobody wants the answer any more.
  ///
  /// @return whether it was under way
  boolean abandon() {
    if (over) {
      return false;
    }
    finish();
    if (connection != null) {
      connection.abandon();
    } else {
      cancel();
    }
    return true;
  }

  @Override
  public void informational(ResponseHead head) {
    try {
      exchange.informational(head);
    } catch (RuntimeException | Error e) {
      exchange.broke(e);
    }
  }

  @Override
  public void responseHead(ResponseHead head) {
    status = head.status();
    answer = head;
    try {
      exchange.responseHead(this, head);
    } catch (RuntimeException | Error e) {
      exchange.broke(e);
    }
  }

  @Override
  public void responseContent(ByteBuf piece) {
    exchange.responseContent(this, piece);
  }

  @Override
  public void responseRead() {
    finish();
    exchange.responseRead(this);
  }

  @Override
  public void responseEnd(@Nullable FieldSection trailers) {
    try {
      exchange.responseEnd(this, trailers);
    } catch (RuntimeException | Error e) {
      exchange.broke(e);
    }
  }

  @Override
  public void responseFailed(AttemptFailure failure) {
    UpstreamConnection from = connection;
    if (from == null) {
      throw new AssertionError("an answer without a connection");
    }
    finish();
    failed(
        new FailedAttempt(
            endpoint.endpoint(),
            address,
            failure,
            timeline(),
            use,
            from.bytesSent(),
            from.bytesReceived(),
            from.firstBytes(),
            Transport.tcpFacts(from.channel()),
            Offences.of(from)));
  }

  @Override
  public void switched(ResponseHead head) {
    status = 101;
    try {
      exchange.switched(head);
    } catch (RuntimeException | Error e) {
      exchange.broke(e);
    }
  }

  @Override
  public void tunnelInputEnded() {
    exchange.upstreamTunnelEnded();
  }

  @Override
  public void readComplete() {
    exchange.downstream().flush();
  }

  @Override
  public void writabilityChanged(boolean writable) {
    exchange.upstreamWritable(writable);
  }

  private void finish() {
    if (!over) {
      over = true;
      endedNanos = System.nanoTime();
      endpoint.requestEnded();
    }
  }

  /// An answer that says that the server cannot serve, as a failure to be explained.
  FailedAttempt answered(AttemptFailure.UpstreamStatus said) {
    UpstreamConnection from = connection;
    return new FailedAttempt(
        endpoint.endpoint(),
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
    UpstreamConnection from = connection;
    long sent = from == null || from.sentNanos() == 0 ? Timeline.NEVER : micros(from.sentNanos());
    long first =
        from == null || from.firstByteNanos() == 0 ? Timeline.NEVER : micros(from.firstByteNanos());
    long end = endedNanos == 0 ? micros(System.nanoTime()) : micros(endedNanos);
    return new Timeline(
        dialled.resolved(), dialled.connected(), dialled.secured(), sent, first, end);
  }

  private long micros(long nanos) {
    return Math.max(0, (nanos - startedNanos) / 1000);
  }

  /// Addresses of the endpoint that were tried beside the one that worked, and failed. What the
  /// gateway's own route table has no way to is no failure of the endpoint's.
  List<FailedAttempt> losers() {
    if (dialled.failed().isEmpty()) {
      return List.of();
    }
    List<FailedAttempt> found = new ArrayList<>();
    for (FailedAddress each : dialled.failed()) {
      boolean ownLack =
          each.failure() instanceof AttemptFailure.Unreachable(Unreachability kind)
              && kind == Unreachability.NETWORK;
      if (!ownLack) {
        Timeline times =
            new Timeline(
                dialled.resolved(),
                Timeline.NEVER,
                Timeline.NEVER,
                Timeline.NEVER,
                Timeline.NEVER,
                each.micros());
        found.add(
            new FailedAttempt(
                endpoint.endpoint(),
                Optional.of(each.address()),
                each.failure(),
                times,
                ConnectionUse.FRESH,
                0,
                0,
                "",
                Optional.empty()));
      }
    }
    return found;
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

  /// The marks by which the server that answered is known again.
  Identity identity() {
    UpstreamConnection from = connection;
    ResponseHead head = answer;
    if (from == null || head == null) {
      return Identity.UNKNOWN;
    }
    return new Identity(LeafKey.of(from.channel()), head.fields().first(FieldName.SERVER), "");
  }

  ConnectionUse use() {
    return use;
  }

  /// The address it went to, once one was chosen.
  Optional<InetAddress> address() {
    return address;
  }

  /// What operators are told of it.
  AttemptRecord record(Optional<AttemptFailure> failure) {
    UpstreamConnection from = connection;
    return new AttemptRecord(
        endpoint.endpoint(),
        address,
        timeline(),
        use,
        status,
        from == null ? 0 : from.bytesSent(),
        from == null ? 0 : from.bytesReceived(),
        failure);
  }
}
