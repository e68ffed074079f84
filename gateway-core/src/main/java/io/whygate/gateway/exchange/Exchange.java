package io.whygate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.ExchangeFailure;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.reply.LocalReply;
import io.whygate.gateway.routing.Route;
import io.whygate.gateway.routing.RouteTable;
import io.whygate.gateway.upstream.EndpointState;
import io.whygate.gateway.upstream.Selection;
import io.whygate.gateway.upstream.Upstream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
  private static final int SAMPLED_BYTES = 2048;

  private final LoopServices services;
  private final Downstream downstream;
  private final RequestHead request;
  private final ExchangeRecord record;

  private @Nullable Upstream upstream;
  private @Nullable Attempt attempt;
  private @Nullable LocalAnswer ownAnswer;
  private @Nullable ReplayBuffer replay;
  private @Nullable KeptContent keptContent;
  private @Nullable Diagnosis healing;
  private @Nullable ResponseHead heldHead;
  private @Nullable String sampledServer;
  private final List<FailedAttempt> failures = new ArrayList<>(0);
  private List<InetAddress> silent = List.of();
  private final List<EndpointState> tried = new ArrayList<>(1);
  private @Nullable FieldSection trailers;
  private boolean requestWhole;
  private boolean contentTaken;
  private boolean responseBegun;
  private boolean answersWell;
  private boolean concluding;
  private boolean tunnel;
  private boolean clientEndedTunnel;
  private boolean upstreamEndedTunnel;
  private boolean over;

  public Exchange(LoopServices services, Downstream downstream, RequestHead request) {
    this.services = services;
    this.downstream = downstream;
    this.request = request;
    this.record = new ExchangeRecord(downstream, request);
  }

  LoopServices services() {
    return services;
  }

  Downstream downstream() {
    return downstream;
  }

  RequestHead request() {
    return request;
  }

  Upstream upstream() {
    Upstream found = upstream;
    if (found == null) {
      throw new AssertionError("no upstream before the route");
    }
    return found;
  }

  /// Whether nothing more will come of it.
  public boolean isOver() {
    return over;
  }

  /// Begins: from here on it calls its downstream until it is over.
  public void begin() {
    requestWhole = request.framing() == Framing.NONE;
    if (!requestWhole && services.explainer().keptContent() > 0) {
      keptContent = new KeptContent(services.explainer().keptContent());
    }
    if (PublicPaths.isFor(request)) {
      LocalAnswer own = new LocalAnswer(this, downstream);
      ownAnswer = own;
      services.publicPaths().answer(request, own);
      return;
    }
    if (!answersItself()) {
      route();
    }
  }

  private boolean answersItself() {
    boolean trace = request.method().equals("TRACE");
    int hopsLeft = UpstreamRequest.hopsLeft(request);
    if (trace && (hopsLeft == 0 || request.framing() != Framing.NONE)) {
      reply(
          LocalReply.text(
              405,
              "TRACE is not answered here.",
              false,
              List.of(
                  new LocalReply.Field("Allow", "GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH"))));
      return true;
    }
    if (hopsLeft == 0) {
      reply(
          LocalReply.text(
              200,
              "the gateway is the last hop that this request may reach.",
              false,
              List.of(
                  new LocalReply.Field("Allow", "GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH"))));
      return true;
    }
    return false;
  }

  private void route() {
    switch (services.routes().get().match(request)) {
      case RouteTable.Match.Found(Route route) -> {
        upstream = route.upstream();
        record.routed(route.name(), upstream.name());
        upstream.retries().request();
        if (services.identity().isLoop(request)) {
          giveUp(new ExchangeFailure.LoopDetected());
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

  private void select() {
    switch (upstream().select(tried)) {
      case Selection.Chosen(EndpointState endpoint) -> connect(endpoint, false);
      case Selection.NothingFit(ExchangeFailure.NoEndpoint.Reason why) ->
          giveUp(new ExchangeFailure.NoEndpoint(why));
    }
  }

  private void connect(EndpointState endpoint, boolean fresh) {
    if (!tried.contains(endpoint)) {
      tried.add(endpoint);
    }
    Attempt next = new Attempt(this, endpoint, fresh, silent);
    attempt = next;
    next.start();
  }

  /// The attempt has a connection, and the head of the request is written to it.
  void connected(Attempt current) {
    if (request.framing() == Framing.NONE) {
      current.requestEnd(null);
      return;
    }
    if (request.isIdempotent() && replay == null && !contentTaken) {
      replay = new ReplayBuffer(services.replayLimit());
    }
    if (replay != null && !replay.isEmpty()) {
      replay.replay(piece -> current.send(piece));
    }
    if (requestWhole) {
      current.requestEnd(trailers);
      return;
    }
    if (request.expectsContinue()) {
      current.awaitContinue();
    }
    current.flush();
    downstream.demand(true);
  }

  /// Content of the request came; owns the piece.
  public void requestContent(ByteBuf piece) {
    record.requestBytes += piece.readableBytes();
    contentTaken = true;
    if (keptContent != null) {
      keptContent.keep(piece);
    }
    Attempt current = attempt;
    if (current == null || over || concluding) {
      piece.release();
      return;
    }
    if (replay != null && !responseBegun) {
      replay.keep(piece);
    }
    if (!current.send(piece)) {
      downstream.demand(false);
      current.flush();
    }
  }

  /// The request is whole.
  public void requestEnd(@Nullable FieldSection trailerFields) {
    requestWhole = true;
    trailers = trailerFields;
    if (keptContent != null) {
      keptContent.end();
    }
    if (attempt != null && !over && !concluding) {
      attempt.requestEnd(trailerFields);
    }
  }

  /// All that was ready has been read from the client: the moment to flush.
  public void requestReadComplete() {
    if (attempt != null && !over) {
      attempt.flush();
    }
  }

  /// Whether the client takes more changed.
  public void downstreamWritable(boolean writable) {
    if (attempt != null && !over && heldHead == null) {
      if (writable) {
        attempt.resume();
      } else {
        attempt.pause();
      }
    }
  }

  void upstreamWritable(boolean writable) {
    if (!over && (tunnel || !requestWhole)) {
      downstream.demand(writable);
    }
  }

  /// The client is gone: nobody wants the answer.
  public void clientGone() {
    if (over) {
      return;
    }
    abandonAttempt();
    finish(tunnel ? FinishedExchange.Outcome.COMPLETED : FinishedExchange.Outcome.ABANDONED);
    if (ownAnswer != null) {
      ownAnswer.clientGone();
    }
  }

  private void abandonAttempt() {
    Attempt current = attempt;
    if (current != null && current.abandon()) {
      record.attempted(current.facts().record(Optional.empty()));
    }
  }

  /// The gateway is about to stop: an answer of its own that would go on is ended.
  public void drain() {
    if (ownAnswer != null && responseBegun && !over) {
      ownAnswer.clientGone();
      streamed();
    }
  }

  /// The request breaks a rule or a limit in its content, or its client is too slow: it is refused
  /// while that is still possible.
  public void refuse(LocalReply refusal) {
    if (over) {
      return;
    }
    abandonAttempt();
    if (responseBegun) {
      finish(FinishedExchange.Outcome.TRUNCATED);
      downstream.abort();
    } else {
      reply(refusal);
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
  private void guarded(Runnable part) {
    try {
      part.run();
    } catch (RuntimeException | Error e) {
      broke(e);
    }
  }

  void informational(ResponseHead head) {
    if (head.status() != 100 || request.expectsContinue()) {
      downstream.informational(head);
      downstream.flush();
    }
  }

  void responseHead(Attempt current, ResponseHead head) {
    if (GatewayStatus.isSuspect(head)) {
      upstream().succeeded(current.endpoint());
      heldHead = head;
      current.hold();
      explain(current, GatewayStatus.failureOf(head));
      return;
    }
    passHead(head, "");
    upstream().succeeded(current.endpoint());
    answersWell = true;
    if (!services.explainer().wantsAnswers(upstream())) {
      if (services.explainer().sample(current, request, head)) {
        sampledServer = head.fields().first(FieldName.SERVER);
      }
    }
  }

  /// Notes an answer by which a server says that it cannot serve, before it is passed on.
  private void explain(Attempt current, AttemptFailure.UpstreamStatus said) {
    FailedAttempt noted = current.facts().refused(said);
    FailedExchange failed =
        record.failed(
            upstream().name(), new ExchangeFailure.AttemptsExhausted(), List.of(noted), true);
    services
        .explainer()
        .diagnose(
            failed,
            upstream(),
            downstream.eventLoop(),
            diagnosis -> guarded(() -> explained(current, diagnosis, failed)));
  }

  private void explained(Attempt current, Diagnosis diagnosis, FailedExchange failed) {
    ResponseHead head = heldHead;
    if (over || head == null) {
      return;
    }
    Incident incident =
        services.explainer().failed(diagnosis, failed, upstream(), false, capture(failed));
    record.filed(incident);
    heldHead = null;
    passHead(head, GatewayStatus.fields(incident));
    current.proceed();
    downstream.flush();
  }

  private void passHead(ResponseHead head, String more) {
    responseBegun = true;
    if (replay != null) {
      replay.close();
    }
    record.status = head.status();
    downstream.head(head, more);
  }

  void responseContent(Attempt current, ByteBuf piece) {
    if (over) {
      piece.release();
      return;
    }
    record.responseBytes += piece.readableBytes();
    if (sampledServer != null) {
      samplePage(current, sampledServer, piece);
    }
    downstream.content(piece);
    if (!downstream.isWritable()) {
      downstream.flush();
      if (!downstream.isWritable()) {
        current.pause();
      }
    }
  }

  private void samplePage(Attempt current, String server, ByteBuf piece) {
    sampledServer = null;
    int length = Math.min(piece.readableBytes(), SAMPLED_BYTES);
    services
        .explainer()
        .samplePage(
            current, server, piece.toString(piece.readerIndex(), length, StandardCharsets.UTF_8));
  }

  /// The answer has been read whole; the connection is about to be another's.
  void responseRead(Attempt current) {
    record.attempted(current.facts().record(Optional.empty()));
    if (answersWell && services.explainer().wantsAnswers(upstream())) {
      services.explainer().answered(upstream(), current, request);
    }
  }

  void responseEnd(Attempt current, @Nullable FieldSection trailerFields) {
    if (over) {
      return;
    }
    if (heldHead != null) {
      throw new AssertionError("content passed a head that is held");
    }
    if (failures.isEmpty()) {
      failures.addAll(current.facts().losers());
    }
    if (!failures.isEmpty()) {
      noteHealing(current);
    }
    finish(FinishedExchange.Outcome.COMPLETED);
    downstream.end(trailerFields);
  }

  private void noteHealing(Attempt current) {
    FailedExchange failed =
        record.failed(upstream().name(), new ExchangeFailure.AttemptsExhausted(), failures, false);
    services
        .explainer()
        .healed(
            failed,
            Optional.ofNullable(healing),
            current.facts().address(),
            current.endpoint().endpoint(),
            upstream(),
            capture(failed))
        .ifPresent(record::filed);
  }

  private RequestCapture capture(FailedExchange failed) {
    return new RequestCapture(request, downstream, upstream(), failed, keptContent);
  }

  void attemptFailed(Attempt current, FailedAttempt failed) {
    failures.add(failed);
    noteSilence(current, failed);
    record.attempted(current.facts().record(Optional.of(failed.failure())));
    if (over) {
      return;
    }
    if (tunnel) {
      finish(FinishedExchange.Outcome.COMPLETED);
      downstream.abort();
      return;
    }
    upstream().failed(current.endpoint(), failed);
    if (responseBegun || heldHead != null) {
      heldHead = null;
      giveUp(new ExchangeFailure.AttemptsExhausted());
      return;
    }
    downstream.demand(false);
    boolean untried = tried.size() < upstream().endpoints().size();
    if (RetryPolicy.triesAgain(request, upstream(), failures, contentKept(), untried)) {
      tryAgain(current, failed);
    } else {
      giveUp(new ExchangeFailure.AttemptsExhausted());
    }
  }

  /// After a time-out the same address is not tried again for this request.
  private void noteSilence(Attempt current, FailedAttempt failed) {
    if (failed.failure() instanceof AttemptFailure.TimedOut) {
      List<InetAddress> all = new ArrayList<>(silent);
      failed.address().ifPresent(all::add);
      all.addAll(current.facts().silentAddresses());
      silent = all;
    }
  }

  private boolean contentKept() {
    return !contentTaken || (replay != null && replay.isWhole());
  }

  private void tryAgain(Attempt current, FailedAttempt failed) {
    if (failed.use().isReused()) {
      connect(current.endpoint(), true);
    } else {
      select();
    }
  }

  /// Every address of the endpoint has timed out for this request already.
  void nothingLeft() {
    if (!over) {
      giveUp(new ExchangeFailure.AttemptsExhausted());
    }
  }

  void limitReached(ExchangeFailure.LimitReached limit) {
    if (!over) {
      giveUp(limit);
    }
  }

  private void giveUp(ExchangeFailure failure) {
    concluding = true;
    downstream.demand(false);
    boolean begun = responseBegun;
    FailedExchange failed = record.failed(upstream().name(), failure, failures, begun);
    services
        .explainer()
        .diagnose(
            failed,
            upstream(),
            downstream.eventLoop(),
            diagnosis -> guarded(() -> conclude(diagnosis, failed)));
    if (begun) {
      downstream.abort();
    }
  }

  private void conclude(Diagnosis diagnosis, FailedExchange failed) {
    if (over) {
      return;
    }
    if (diagnosis.remedy().isPresent()
        && healing == null
        && !responseBegun
        && !tried.isEmpty()
        && isUnsent(failed)
        && contentKept()) {
      healing = diagnosis;
      concluding = false;
      services.explainer().heal(diagnosis);
      connect(tried.getLast(), true);
      return;
    }
    Incident incident =
        services.explainer().failed(diagnosis, failed, upstream(), !responseBegun, capture(failed));
    record.filed(incident);
    if (responseBegun) {
      finish(FinishedExchange.Outcome.TRUNCATED);
    } else {
      services
          .failurePages()
          .render(
              diagnosis,
              failed,
              incident,
              request,
              downstream,
              answer -> guarded(() -> reply(answer)));
    }
  }

  private static boolean isUnsent(FailedExchange failed) {
    return failed.processed() == RequestProcessed.NOT_SENT;
  }

  void switched(ResponseHead head) {
    tunnel = true;
    responseBegun = true;
    record.status = 101;
    upstream().succeeded(tried.getLast());
    downstream.switched(head);
    downstream.flush();
    downstream.demand(true);
  }

  /// Bytes of a tunnel came from the client; owns them.
  public void tunnelContent(ByteBuf bytes) {
    requestContent(bytes);
  }

  /// The client ended its direction of a tunnel.
  public void clientTunnelEnded() {
    clientEndedTunnel = true;
    if (attempt != null) {
      attempt.endTunnelOutput();
    }
    endTunnelWhenBothEnded();
  }

  void upstreamTunnelEnded() {
    upstreamEndedTunnel = true;
    downstream.flush();
    downstream.endTunnelOutput();
    endTunnelWhenBothEnded();
  }

  private void endTunnelWhenBothEnded() {
    if (clientEndedTunnel && upstreamEndedTunnel && !over) {
      abandonAttempt();
      finish(FinishedExchange.Outcome.COMPLETED);
      downstream.end(null);
    }
  }

  void reply(LocalReply answer) {
    if (over) {
      return;
    }
    record.status = answer.status();
    record.responseBytes = request.isHead() ? 0 : answer.body().length;
    finish(FinishedExchange.Outcome.REPLIED);
    downstream.reply(answer);
  }

  /// An answer of the gateway's own begins that goes on for a while.
  void streaming(LocalReply head) {
    responseBegun = true;
    record.status = head.status();
  }

  /// An answer of the gateway's own that went on for a while is whole.
  void streamed() {
    finish(FinishedExchange.Outcome.REPLIED);
    downstream.end(null);
  }

  private void finish(FinishedExchange.Outcome outcome) {
    over = true;
    if (replay != null) {
      replay.close();
    }
    record.finish(outcome);
    try {
      services.recorder().finished(record, services.loop());
    } catch (RuntimeException | Error e) {
      LOG.error("an exchange could not be recorded", e);
    }
  }
}
