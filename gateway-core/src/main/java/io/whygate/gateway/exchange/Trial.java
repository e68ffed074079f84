package io.whygate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.ConnectionUse;
import io.whygate.diagnostics.facts.ExchangeFailure;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.gateway.connection.Acquisition;
import io.whygate.gateway.connection.ConnectionPool;
import io.whygate.gateway.connection.Offences;
import io.whygate.gateway.connection.UpstreamConnection;
import io.whygate.gateway.connection.dial.DialFailure;
import io.whygate.gateway.connection.dial.Establishment;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.transport.Transport;
import io.whygate.gateway.upstream.EndpointState;
import io.whygate.gateway.upstream.Upstream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A request of the gateway's own to one endpoint, on a fresh connection, to see whether it
/// answers.
///
/// It asks by GET, without anybody's credentials. Confined to its event loop but for its result.
public final class Trial extends Acquisition implements UpstreamConnection.Receiver {
  private final Upstream upstream;
  private final EndpointState endpoint;
  private final String path;
  private final CompletableFuture<Optional<FailedExchange>> result = new CompletableFuture<>();
  private final long startedNanos = System.nanoTime();
  private @Nullable UpstreamConnection connection;
  private Establishment dialled = Establishment.POOLED;

  private Trial(Upstream upstream, EndpointState endpoint, String path) {
    this.upstream = upstream;
    this.endpoint = endpoint;
    this.path = path;
  }

  /// Begins one; may be called from any thread.
  ///
  /// @param path what is asked for, as it stands in a request line
  /// @return the failure; empty where the endpoint answered
  public static CompletableFuture<Optional<FailedExchange>> begin(
      EventLoop loop, ConnectionPool pool, Upstream upstream, EndpointState endpoint, String path) {
    Trial trial = new Trial(upstream, endpoint, path);
    loop.execute(() -> pool.acquire(trial));
    return trial.result;
  }

  @Override
  public Upstream upstream() {
    return upstream;
  }

  @Override
  public EndpointState endpoint() {
    return endpoint;
  }

  @Override
  public Collection<InetAddress> excluded() {
    return List.of();
  }

  @Override
  public boolean freshOnly() {
    return true;
  }

  @Override
  protected void acquired(UpstreamConnection acquired, Establishment how) {
    connection = acquired;
    dialled = how;
    acquired.begin(this, false, false);
    String head =
        "GET "
            + path
            + " HTTP/1.1\r\nHost: "
            + endpoint.endpoint().authority()
            + "\r\nUser-Agent: Whygate-Probe\r\nAccept: */*\r\nConnection: close\r\n\r\n";
    ByteBuf out = acquired.channel().alloc().buffer(head.length());
    out.writeCharSequence(head, StandardCharsets.US_ASCII);
    acquired.send(out);
    acquired.requestEnd();
    acquired.flush();
  }

  @Override
  protected void notDialled(DialFailure failure) {
    fail(
        new FailedAttempt(
            endpoint.endpoint(),
            failure.address(),
            failure.failure(),
            failure.timeline(),
            ConnectionUse.FRESH,
            0,
            failure.received(),
            failure.firstBytes(),
            failure.tcp()));
  }

  @Override
  protected void nothingToDial() {
    result.complete(Optional.of(failed(new ExchangeFailure.AttemptsExhausted(), List.of())));
  }

  @Override
  protected void rejected(ExchangeFailure.LimitReached limit) {
    result.complete(Optional.of(failed(limit, List.of())));
  }

  @Override
  public void informational(ResponseHead head) {}

  @Override
  public void responseHead(ResponseHead head) {
    if (GatewayStatus.isSuspect(head)) {
      fail(attempt(GatewayStatus.failureOf(head)));
    } else {
      result.complete(Optional.empty());
    }
    if (connection != null) {
      connection.abandon();
    }
  }

  @Override
  public void responseContent(ByteBuf piece) {
    piece.release();
  }

  @Override
  public void responseRead() {}

  @Override
  public void responseEnd(@Nullable FieldSection trailers) {}

  @Override
  public void responseFailed(AttemptFailure failure) {
    fail(attempt(failure));
  }

  @Override
  public void switched(ResponseHead head) {}

  @Override
  public void tunnelInputEnded() {}

  @Override
  public void readComplete() {}

  @Override
  public void writabilityChanged(boolean writable) {}

  private FailedAttempt attempt(AttemptFailure failure) {
    UpstreamConnection from = connection;
    if (from == null) {
      throw new AssertionError("an answer without a connection");
    }
    Timeline timeline =
        new Timeline(
            dialled.resolved(),
            dialled.connected(),
            dialled.secured(),
            micros(from.sentNanos()),
            from.firstByteNanos() == 0 ? Timeline.NEVER : micros(from.firstByteNanos()),
            micros(System.nanoTime()));
    return new FailedAttempt(
        endpoint.endpoint(),
        from.address(),
        failure,
        timeline,
        ConnectionUse.FRESH,
        from.bytesSent(),
        from.bytesReceived(),
        from.firstBytes(),
        Transport.tcpFacts(from.channel()),
        Offences.of(from));
  }

  private static String withoutQuery(String target) {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  private long micros(long nanos) {
    return Math.max(0, (nanos - startedNanos) / 1000);
  }

  private void fail(FailedAttempt attempt) {
    result.complete(Optional.of(failed(new ExchangeFailure.AttemptsExhausted(), List.of(attempt))));
  }

  private FailedExchange failed(ExchangeFailure why, List<FailedAttempt> attempts) {
    return new FailedExchange(
        upstream.name(),
        new RequestFacts("GET", withoutQuery(path), endpoint.endpoint().host(), "http", 0),
        why,
        attempts,
        attempts.stream().allMatch(each -> each.bytesSent() == 0)
            ? RequestProcessed.NOT_SENT
            : RequestProcessed.UNKNOWN,
        Instant.now(),
        micros(System.nanoTime()));
  }
}
