package io.whygate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.ExchangeFailure;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.gateway.connection.LoneGet;
import io.whygate.gateway.connection.ResponseReceiver;
import io.whygate.gateway.connection.UpstreamStream;
import io.whygate.gateway.connection.dial.DialFailure;
import io.whygate.gateway.connection.dial.Establishment;
import io.whygate.gateway.connection.dial.LocalRoute;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A request of the gateway's own to one endpoint, on a fresh connection, to see whether it
/// answers, and whether it does so whole: what comes is read to its end, or as far as a page may be
/// long.
///
/// It asks by GET, without anybody's credentials. Confined to its event loop but for its result.
public final class Trial extends Acquisition implements ResponseReceiver {
  private static final long MOST_READ = 256 * 1024;

  private final EventLoop loop;
  private final Upstream upstream;
  private final EndpointState endpoint;
  private final String path;
  private final CompletableFuture<TrialOutcome> result = new CompletableFuture<>();
  private final AttemptFacts facts;
  private @Nullable UpstreamStream stream;
  private long read;

  private Trial(EventLoop loop, Upstream upstream, EndpointState endpoint, String path) {
    this.loop = loop;
    this.upstream = upstream;
    this.endpoint = endpoint;
    this.path = path;
    this.facts = new AttemptFacts(endpoint.endpoint(), 0);
  }

  /// Begins one; may be called from any thread.
  ///
  /// @param path what is asked for, as it stands in a request line
  /// @return completed on the event loop, and never with an error
  public static CompletableFuture<TrialOutcome> begin(
      EventLoop loop, ConnectionPool pool, Upstream upstream, EndpointState endpoint, String path) {
    Trial trial = new Trial(loop, upstream, endpoint, path);
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
    facts.carriedBy(acquired, how);
    acquired.begin(this, new LoneGet(path, endpoint.endpoint().authority(), "Whygate-Probe"));
    acquired.requestEnd(null);
    acquired.flush();
  }

  @Override
  protected void notDialled(DialFailure failure) {
    fail(facts.notDialled(failure));
  }

  @Override
  protected void nothingToDial() {
    fail(new ExchangeFailure.AttemptsExhausted(), List.of());
  }

  @Override
  protected void rejected(ExchangeFailure.LimitReached limit) {
    fail(limit, List.of());
  }

  @Override
  public void informational(ResponseHead head) {}

  @Override
  public void responseHead(ResponseHead head) {
    String blockMark = stream == null ? "" : stream.blockMark();
    boolean suspect = GatewayStatus.isSuspect(head);
    if (suspect || GatewayStatus.isDoubtful(head, blockMark, true, upstream.settings())) {
      FailedAttempt noted = facts.refused(GatewayStatus.failureOf(head, blockMark));
      FailedExchange failed = failed(new ExchangeFailure.AttemptsExhausted(), List.of(noted));
      result.complete(new TrialOutcome.Failed(failed, !suspect));
      abandon();
    } else {
      // What comes in drops is an answer too, after as long as nothing may come at all.
      long most = upstream.settings().idleTimeout().toNanos();
      loop.schedule(this::answers, most + most / 4, TimeUnit.NANOSECONDS);
    }
  }

  private void answers() {
    if (result.complete(answered())) {
      abandon();
    }
  }

  private void abandon() {
    if (stream != null) {
      stream.abandon();
    }
  }

  @Override
  public void responseContent(ByteBuf piece) {
    read += piece.readableBytes();
    piece.release();
    if (read > MOST_READ) {
      answers();
    }
  }

  @Override
  public void responseRead() {}

  @Override
  public void responseEnd(@Nullable FieldSection trailers) {
    result.complete(answered());
  }

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
    fail(new ExchangeFailure.AttemptsExhausted(), List.of(attempt));
  }

  private void fail(ExchangeFailure why, List<FailedAttempt> attempts) {
    result.complete(new TrialOutcome.Failed(failed(why, attempts), false));
  }

  /// What the gateway's own route table has no way to is nothing to say of the endpoint.
  private TrialOutcome answered() {
    List<FailedAttempt> losers =
        facts.losers().stream()
            .filter(loser -> loser.address().filter(LocalRoute::isMissingTo).isEmpty())
            .toList();
    return losers.isEmpty()
        ? new TrialOutcome.Answered()
        : new TrialOutcome.Healed(
            failed(new ExchangeFailure.AttemptsExhausted(), losers), facts.address());
  }

  private FailedExchange failed(ExchangeFailure why, List<FailedAttempt> attempts) {
    return new FailedExchange(
        upstream.name(),
        new RequestFacts("GET", withoutQuery(path), endpoint.endpoint().host(), "http", 0),
        why,
        attempts,
        processed(attempts),
        Instant.now(),
        facts.micros());
  }

  private static RequestProcessed processed(List<FailedAttempt> attempts) {
    if (attempts.stream().allMatch(each -> each.bytesSent() == 0)) {
      return RequestProcessed.NOT_SENT;
    }
    return attempts.stream().anyMatch(each -> each.bytesReceived() > 0)
        ? RequestProcessed.RECEIVED
        : RequestProcessed.UNKNOWN;
  }
}
