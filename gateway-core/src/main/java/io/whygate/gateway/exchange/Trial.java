package io.whygate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.ExchangeFailure;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.gateway.connection.ResponseReceiver;
import io.whygate.gateway.connection.UpstreamStream;
import io.whygate.gateway.connection.dial.DialFailure;
import io.whygate.gateway.connection.dial.Establishment;
import io.whygate.gateway.connection.pool.Acquisition;
import io.whygate.gateway.connection.pool.ConnectionPool;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.upstream.EndpointState;
import io.whygate.gateway.upstream.Upstream;
import java.net.InetAddress;
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
public final class Trial extends Acquisition implements ResponseReceiver {
  private final Upstream upstream;
  private final EndpointState endpoint;
  private final String path;
  private final CompletableFuture<Optional<FailedExchange>> result = new CompletableFuture<>();
  private final AttemptFacts facts;
  private @Nullable UpstreamStream stream;

  private Trial(Upstream upstream, EndpointState endpoint, String path) {
    this.upstream = upstream;
    this.endpoint = endpoint;
    this.path = path;
    this.facts = new AttemptFacts(endpoint.endpoint());
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
  public boolean wantsTunnel() {
    return false;
  }

  @Override
  public boolean http1Only() {
    return false;
  }

  @Override
  public boolean freshOnly() {
    return true;
  }

  @Override
  protected void acquired(UpstreamStream acquired, Establishment how) {
    stream = acquired;
    facts.carriedBy(acquired, how, true);
    acquired.begin(this, new TrialRequest(path, endpoint.endpoint().authority()));
    acquired.requestEnd(null);
    acquired.flush();
  }

  @Override
  protected void notDialled(DialFailure failure) {
    fail(facts.notDialled(failure));
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
      fail(facts.failed(GatewayStatus.failureOf(head, "")));
    } else {
      result.complete(Optional.empty());
    }
    if (stream != null) {
      stream.abandon();
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
    fail(facts.failed(failure));
  }

  @Override
  public void switched(ResponseHead head) {}

  @Override
  public void tunnelInputEnded() {}

  @Override
  public void readComplete() {}

  @Override
  public void writabilityChanged(boolean writable) {}

  private static String withoutQuery(String target) {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
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
        facts.micros());
  }
}
