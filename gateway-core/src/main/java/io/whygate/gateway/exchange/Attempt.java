package io.whygate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.ExchangeFailure;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.gateway.connection.ResponseReceiver;
import io.whygate.gateway.connection.UpstreamStream;
import io.whygate.gateway.connection.dial.DialFailure;
import io.whygate.gateway.connection.dial.Establishment;
import io.whygate.gateway.connection.pool.Acquisition;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.proxyprotocol.ClientConnection;
import io.whygate.gateway.trace.Trace;
import io.whygate.gateway.transport.PipedBytes;
import io.whygate.gateway.upstream.EndpointState;
import io.whygate.gateway.upstream.Upstream;
import java.net.InetAddress;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/// One try at one endpoint: gets a connection, sends the request, hands the answer to its exchange.
///
/// A new object for every try; confined to its event loop.
public final class Attempt extends Acquisition implements ResponseReceiver {
  private final Exchange exchange;
  private final EndpointState endpoint;
  private final boolean freshOnly;
  private final Collection<InetAddress> excluded;
  private final AttemptFacts facts;

  private @Nullable UpstreamStream stream;
  private boolean sharesFailure;
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
    this.facts =
        new AttemptFacts(endpoint.endpoint(), exchange.trace() == null ? 0 : Trace.newSpan());
  }

  void start() {
    endpoint.requestBegan();
    exchange.services().pool().acquire(this);
  }

  /// Whether nothing was tried, since another has failed there a moment ago.
  boolean sharesFailure() {
    return sharesFailure;
  }

  /// What is known of it.
  AttemptFacts facts() {
    return facts;
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
  public boolean isRepeatable() {
    return RetryPolicy.isHarmless(exchange.request());
  }

  /// Whether its connection was used before.
  boolean isReused() {
    return facts.use().isReused();
  }

  @Override
  public boolean wantsTunnel() {
    return exchange.request().upgradeField() >= 0;
  }

  @Override
  public boolean http1Only() {
    return exchange.needsHttp1();
  }

  @Override
  public ClientConnection client() {
    return exchange.downstream().client();
  }

  @Override
  public String requestId() {
    return exchange.id().told(exchange.request());
  }

  /// Whether its server can say that it did not process the request, so that any may be sent again.
  boolean tellsUnprocessed() {
    return stream != null && stream.tellsUnprocessed();
  }

  @Override
  protected void acquired(UpstreamStream acquired, Establishment how) {
    try {
      stream = acquired;
      if (exchange.isLate()) {
        return;
      }
      facts.carriedBy(acquired, how);
      if (isReused() && !isRepeatable()) {
        facts.acknowledgedBefore(acknowledged());
      }
      acquired.begin(
          this,
          new UpstreamRequest(
              exchange.forwarded(),
              endpoint.endpoint(),
              exchange.upstream().settings().hostHeader(),
              exchange.downstream().forwarded(),
              exchange.id(),
              traced(),
              exchange.timeLeft()));
      exchange.connected(this);
    } catch (RuntimeException | Error e) {
      exchange.broke(e);
    }
  }

  private UpstreamRequest.@Nullable TracedAttempt traced() {
    Trace trace = exchange.trace();
    return trace == null ? null : new UpstreamRequest.TracedAttempt(trace, facts.span());
  }

  @Override
  protected void notDialled(DialFailure failure) {
    sharesFailure = failure.isShared();
    FailedAttempt failed = facts.notDialled(failure);
    finish();
    failed(failed);
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
      exchange.notAttempted(new ExchangeFailure.AttemptsExhausted());
    } catch (RuntimeException | Error e) {
      exchange.broke(e);
    }
  }

  @Override
  protected void rejected(ExchangeFailure.LimitReached limit) {
    finish();
    try {
      exchange.notAttempted(limit);
    } catch (RuntimeException | Error e) {
      exchange.broke(e);
    }
  }

  /// Sends a piece of content, or bytes of a tunnel; false where the connection wants no more for
  /// now. Owns the piece.
  boolean send(ByteBuf piece) {
    UpstreamStream to = stream;
    if (to == null || over) {
      piece.release();
      return true;
    }
    to.send(piece);
    return to.isWritable();
  }

  /// Says that the request is whole.
  void requestEnd(@Nullable FieldSection trailers) {
    UpstreamStream to = stream;
    if (to == null || over) {
      return;
    }
    to.requestEnd(trailers);
    to.flush();
  }

  void awaitContinue() {
    if (stream != null) {
      stream.awaitContinue();
    }
  }

  void flush() {
    if (stream != null && !over) {
      stream.flush();
    }
  }

  /// The mark by which the answer is a filter's page; empty where it is none.
  String blockMark() {
    return stream == null ? "" : stream.blockMark();
  }

  /// Keeps back what follows the head until [#proceed].
  void hold() {
    if (stream != null) {
      stream.hold();
    }
  }

  void proceed() {
    if (stream != null && !over) {
      stream.proceed();
    }
  }

  void pause() {
    if (stream != null && !over) {
      stream.pause();
    }
  }

  void resume() {
    if (stream != null && !over) {
      stream.resume();
    }
  }

  void endTunnelOutput() {
    if (stream != null && !over) {
      stream.endTunnelOutput();
    }
  }

  /// Whether it has neither failed nor been answered whole, nor been given up.
  boolean isUnderWay() {
    return !over;
  }

  /// Notes that the client's time is over, before it is given up.
  void lapsed() {
    if (stream != null && facts.isCarried() && !over) {
      stream.lapsed();
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
    if (stream != null) {
      stream.abandon();
    } else {
      cancel();
    }
    return true;
  }

  @Override
  public void informational(ResponseHead head) {
    try {
      exchange.answer().interim(head);
    } catch (RuntimeException | Error e) {
      exchange.broke(e);
    }
  }

  @Override
  public void responseHead(ResponseHead head) {
    facts.answered(head);
    try {
      exchange.responseHead(this, head);
    } catch (RuntimeException | Error e) {
      exchange.broke(e);
    }
  }

  @Override
  public void responseContent(ByteBuf piece) {
    exchange.answer().content(this, piece);
  }

  @Override
  public @Nullable Channel passage() {
    return over ? null : exchange.answer().passage();
  }

  @Override
  public void responseContent(PipedBytes piece) {
    exchange.answer().content(this, piece);
  }

  @Override
  public void responseRead() {
    finish();
    exchange.answer().read(this);
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
    finish();
    failed(facts.failed(failure));
  }

  @Override
  public void switched(ResponseHead head) {
    facts.switched();
    try {
      exchange.switched(this, head);
    } catch (RuntimeException | Error e) {
      exchange.broke(e);
    }
  }

  @Override
  public void tunnelAnswered() {
    try {
      exchange.tunnelAnswered();
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
    try {
      exchange.answer().readComplete();
    } catch (RuntimeException | Error e) {
      exchange.broke(e);
    }
  }

  @Override
  public void writabilityChanged(boolean writable) {
    exchange.upstreamWritable(writable);
  }

  private void finish() {
    if (!over) {
      over = true;
      facts.ended();
      endpoint.requestEnded();
    }
  }
}
