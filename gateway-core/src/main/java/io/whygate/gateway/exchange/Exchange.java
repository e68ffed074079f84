package io.whygate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.whygate.diagnostics.facts.ExchangeFailure;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.gateway.config.GrpcWebSettings;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.reply.LocalReply;
import io.whygate.gateway.routing.Route;
import io.whygate.gateway.routing.RouteTable;
import io.whygate.gateway.trace.Trace;
import io.whygate.gateway.trace.Tracer;
import io.whygate.gateway.upstream.EndpointState;
import io.whygate.gateway.upstream.Upstream;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One request and its answer, from the route to the record: route, select, connect, forward,
/// conclude, record.
///
/// Confined to its event loop; never reused. It owns no I/O: the client's side is a [Downstream],
/// each try an [Attempt].
public final class Exchange {
  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

  private final LoopServices services;
  private final Downstream downstream;
  private final RequestHead request;
  private final ExchangeRecord record;

  private @Nullable Upstream upstream;
  private final Attempts attempts;
  private final RequestContent content;
  private final Answer answer;
  private @Nullable LocalAnswer ownAnswer;
  private @Nullable Conclusion conclusion;
  private @Nullable Tunnel tunnel;
  private @Nullable GrpcWebBridge bridge;
  private @Nullable GrpcCall call;
  private @Nullable RequestId id;
  private boolean over;

  public Exchange(LoopServices services, Downstream downstream, RequestHead request) {
    this.services = services;
    this.downstream = downstream;
    this.request = request;
    this.record = new ExchangeRecord(downstream, request);
    this.attempts = new Attempts(this, record);
    this.content = new RequestContent(this, record);
    this.answer = new Answer(this, record);
  }

  LoopServices services() {
    return services;
  }

  Downstream downstream() {
    return downstream;
  }

  /// The request as the client made it.
  RequestHead request() {
    return request;
  }

  /// The request as a server is sent it.
  RequestHead forwarded() {
    return bridge == null ? request : bridge.call().head();
  }

  Upstream upstream() {
    Upstream found = upstream;
    if (found == null) {
      throw new AssertionError("no upstream before the route");
    }
    return found;
  }

  /// What the upstream's logs name the request by.
  RequestId id() {
    RequestId found = id;
    if (found == null) {
      found = RequestId.of(request, upstream().settings().requestId());
      id = found;
      record.named(found);
    }
    return found;
  }

  /// The trace that it belongs to; null where exchanges are not traced.
  @Nullable Trace trace() {
    return record.trace();
  }

  /// Whether nothing more will come of it.
  public boolean isOver() {
    return over;
  }

  /// Whether an answer has begun.
  boolean hasAnswered() {
    return answer.hasBegun();
  }

  RequestContent content() {
    return content;
  }

  Answer answer() {
    return answer;
  }

  /// The endpoints that were tried, in the order in which they first were.
  List<EndpointState> tried() {
    return attempts.tried();
  }

  Attempts attempts() {
    return attempts;
  }

  /// The tries that failed, first to last.
  List<FailedAttempt> failures() {
    return conclusion == null ? List.of() : conclusion.failures();
  }

  /// What is left of the time that its client gives it, nanoseconds; negative where nothing bounds
  /// it.
  long timeLeft() {
    return call == null ? -1 : call.timeLeft();
  }

  /// Begins: from here on it calls its downstream until it is over.
  public void begin() {
    content.begin();
    if (!content.isWhole()) {
      content.record(services.explainer().keptContent());
    }
    byte[] proof = services.challenges().overHttp(request);
    if (proof != null) {
      reply(LocalReply.bytes(proof));
      return;
    }
    if (PublicPaths.isFor(request)) {
      LocalAnswer own = new LocalAnswer(this, downstream);
      ownAnswer = own;
      services.publicPaths().answer(request, own);
      return;
    }
    Tracer tracer = services.tracer().get();
    if (tracer != null) {
      record.traced(tracer.begin(request.fields(), downstream.forwarded().isTrusted()));
    }
    OptionalInt https = downstream.httpsPort();
    if (https.isPresent() && !downstream.forwarded().isSecure(request)) {
      reply(HttpsRedirect.answer(request, https.getAsInt()));
      return;
    }
    LocalReply last = LastHop.answer(request);
    if (last != null) {
      reply(last);
    } else {
      route();
    }
  }

  private void route() {
    switch (services.routes().get().match(request)) {
      case RouteTable.Match.Found(Route route) -> {
        upstream = route.upstream();
        record.routed(route.name(), upstream.name());
        LocalReply preflight = carry(route);
        if (preflight != null) {
          reply(preflight);
          return;
        }
        upstream.retries().request();
        if (services.identity().isLoop(request)) {
          conclusion().giveUp(new ExchangeFailure.LoopDetected());
        } else {
          select();
        }
      }
      case RouteTable.Match.NotFound _ ->
          reply(LocalReply.text(404, "no site is configured here for this address.", false));
      case RouteTable.Match.BadPath _ ->
          reply(
              LocalReply.text(
                  400, "a path that climbs above the root, or is wrongly encoded.", false));
    }
  }

  /// Takes up what the route does to requests and answers on their way.
  ///
  /// @return the answer to a browser that asks whether it may call; null where it does not
  private @Nullable LocalReply carry(Route route) {
    GrpcWebSettings web = route.grpcWeb();
    LocalReply preflight = null;
    if (web != null) {
      preflight = CrossOrigin.preflight(web, request);
      bridge = GrpcWebBridge.of(web, request);
    }
    GrpcCall called =
        GrpcCall.of(this, record.startedNanos(), upstream().settings().maxGrpcDeadline());
    if (called != null) {
      call = called;
      called.begin();
    }
    content.routed(bridge);
    answer.routed(route.compression(), bridge, called);
    return preflight;
  }

  /// Chooses an endpoint that was not tried, and tries it.
  void select() {
    if (!isLate()) {
      attempts.select();
    }
  }

  /// Tries an endpoint.
  ///
  /// @param fresh whether a connection that was used before will not do
  void connect(EndpointState endpoint, boolean fresh) {
    attempts.begin(
        endpoint, fresh, conclusion == null ? List.of() : conclusion.silent(endpoint.endpoint()));
  }

  /// Whether the deadline of the call is over: then it has ended by that.
  boolean isLate() {
    return call != null && call.isLate();
  }

  /// Ends it by the answer to a call whose deadline is over.
  void lapsed(LocalReply why) {
    attempts.lapsed();
    stop(why, FinishedExchange.Outcome.EXPIRED, FinishedExchange.Outcome.EXPIRED);
  }

  /// The attempt has a connection, and the head of the request is written to it.
  void connected(Attempt current) {
    content.sendTo(current, services.replayLimit());
  }

  private Conclusion conclusion() {
    Conclusion found = conclusion;
    if (found == null) {
      found = new Conclusion(this, record);
      conclusion = found;
    }
    return found;
  }

  /// Whether a server wanted HTTP/1.1 for this request.
  boolean needsHttp1() {
    return conclusion != null && conclusion.needsHttp1();
  }

  private boolean isHoldingHead() {
    return conclusion != null && conclusion.isHolding();
  }

  /// Whether what became of it is known, and only the reason is looked for.
  boolean isExplaining() {
    return conclusion != null && (conclusion.isGivingUp() || conclusion.isHolding());
  }

  /// Content of the request came; owns the piece.
  public void requestContent(ByteBuf piece) {
    content.came(piece);
  }

  /// The request is whole.
  public void requestEnd(@Nullable FieldSection trailers) {
    content.ended(trailers);
  }

  /// Who is sent content of the request; null where nobody is.
  @Nullable Attempt taker() {
    boolean sends = !over && (conclusion == null || !conclusion.isGivingUp());
    return sends ? attempts.last() : null;
  }

  /// All that was ready has been read from the client: the moment to flush.
  public void requestReadComplete() {
    Attempt current = attempts.last();
    if (current != null && !over) {
      current.flush();
    }
  }

  /// Whether the client takes more changed.
  public void downstreamWritable(boolean writable) {
    Attempt current = attempts.last();
    if (current != null && !over && !isHoldingHead()) {
      if (writable) {
        current.resume();
      } else if (!answer.isHandingOn()) {
        current.pause();
      }
    }
  }

  void upstreamWritable(boolean writable) {
    if (!over && (tunnel != null || !content.isWhole())) {
      downstream.demand(writable);
    }
  }

  /// The client is gone: nobody wants the answer.
  public void clientGone() {
    if (over) {
      return;
    }
    attempts.abandon();
    finish(
        tunnel != null ? FinishedExchange.Outcome.COMPLETED : FinishedExchange.Outcome.ABANDONED);
    if (ownAnswer != null) {
      ownAnswer.clientGone();
    }
  }

  /// Gives an answer up that is another site's, and asks the same server anew, where it is now.
  void tryElsewhere(Attempt current) {
    if (current.abandon()) {
      record.attempted(current.facts().record(Optional.empty()));
    }
    connect(current.endpoint(), true);
  }

  /// The gateway is about to stop: an answer of its own that would go on is ended.
  public void drain() {
    if (ownAnswer != null) {
      ownAnswer.drain();
    }
  }

  /// The request breaks a rule or a limit in its content, or its client is too slow: it is refused
  /// while that is still possible.
  public void refuse(LocalReply refusal) {
    if (!over) {
      stop(refusal, FinishedExchange.Outcome.REPLIED, FinishedExchange.Outcome.TRUNCATED);
    }
  }

  /// Ends it by an answer of the gateway's own, as far as that is still possible.
  ///
  /// @param cut how it ended where the server's answer had begun
  private void stop(
      LocalReply why, FinishedExchange.Outcome replied, FinishedExchange.Outcome cut) {
    if (attempts.abandon() && !downstream.brokeOff()) {
      clientGone();
    } else if (!hasAnswered()) {
      reply(why, replied);
    } else if (mayTell()) {
      tell(why, cut);
    } else {
      finish(cut);
      downstream.abort();
    }
  }

  /// The gateway itself went wrong in the middle of this exchange: it is logged, and the client is
  /// told so, or cut off.
  void broke(Throwable error) {
    LOG.error("an unexpected error ended an exchange with {}", record.upstream(), error);
    if (over) {
      downstream.abort();
    } else {
      refuse(LocalReply.text(500, "the gateway made an error of its own.", true));
    }
  }

  /// Runs what other parts call back, outside of any handler that would see its errors.
  void guarded(Runnable part) {
    try {
      part.run();
    } catch (RuntimeException | Error e) {
      broke(e);
    }
  }

  void responseHead(Attempt current, ResponseHead head) {
    if (GatewayStatus.isSuspect(head)
        || GatewayStatus.isDoubtful(
            head, current.blockMark(), !current.isReused(), upstream().settings())) {
      upstream().succeeded(current.endpoint());
      conclusion().explain(current, head);
      return;
    }
    if (content.isKept() && services.explainer().looksStrange(current, request)) {
      conclusion().compare(current, head);
      return;
    }
    answer.passSound(current, head);
  }

  void responseEnd(Attempt current, @Nullable FieldSection trailers) {
    if (over) {
      return;
    }
    if (conclusion != null || !current.facts().losers().isEmpty()) {
      conclusion().answered(current);
    }
    answer.end(current, trailers);
  }

  void attemptFailed(Attempt current, FailedAttempt failed) {
    record.attempted(current.facts().record(Optional.of(failed.failure())));
    if (over) {
      return;
    }
    if (tunnel == null) {
      conclusion().attemptFailed(current, failed);
    } else if (tunnel.isUnanswered(failed)) {
      conclusion().tunnelFailed(current, failed);
    } else {
      tunnel.broke();
    }
  }

  /// An attempt could not even be begun.
  void notAttempted(ExchangeFailure why) {
    if (!over) {
      conclusion().giveUp(why);
    }
  }

  void switched(Attempt current, ResponseHead head) {
    Tunnel next = new Tunnel(this, record, current);
    tunnel = next;
    answer.begins(101);
    next.begin(head);
  }

  /// Bytes of a tunnel came from the client; owns them.
  public void tunnelContent(ByteBuf bytes) {
    if (tunnel != null) {
      tunnel.clientSpeaks();
    }
    requestContent(bytes);
  }

  /// The client ended its direction of a tunnel.
  public void clientTunnelEnded() {
    if (tunnel != null) {
      tunnel.clientEnded();
    }
  }

  void tunnelAnswered() {
    if (tunnel != null) {
      tunnel.answered();
    }
  }

  void upstreamTunnelEnded() {
    if (tunnel != null) {
      tunnel.upstreamEnded();
    }
  }

  /// Ends an answer that has begun by what is known of its server's failure.
  void tell(LocalReply why) {
    if (!over) {
      tell(why, FinishedExchange.Outcome.TRUNCATED);
    }
  }

  private void tell(LocalReply why, FinishedExchange.Outcome outcome) {
    FieldSection trailers = answer.tell(why);
    finish(outcome);
    downstream.end(trailers);
    downstream.flush();
  }

  /// Whether that can be done.
  boolean mayTell() {
    return answer.mayTell();
  }

  void reply(LocalReply own) {
    if (!over) {
      reply(own, FinishedExchange.Outcome.REPLIED);
    }
  }

  private void reply(LocalReply own, FinishedExchange.Outcome outcome) {
    LocalReply reply = bridge == null ? own : bridge.reply(own);
    record.status = reply.status();
    boolean body = !request.isHead() && !downstream.tunnelsOnly();
    record.responseBytes = body ? reply.body().length : 0;
    finish(outcome);
    downstream.reply(reply);
  }

  void finish(FinishedExchange.Outcome outcome) {
    over = true;
    content.forget();
    answer.close();
    if (call != null) {
      call.close();
    }
    attempts.close();
    record.finish(outcome);
    try {
      services.recorder().finished(record, services.loop());
    } catch (RuntimeException | Error e) {
      LOG.error("an exchange could not be recorded", e);
    }
  }
}
