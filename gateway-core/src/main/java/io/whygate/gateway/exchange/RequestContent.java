package io.whygate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.RequestHead;
import org.jspecify.annotations.Nullable;

/// The content of a request on its way from the client to attempts: how much of it came, and what
/// is kept of it so that another attempt can be sent it too.
///
/// Confined to its event loop.
final class RequestContent {
  private final Exchange exchange;
  private final ExchangeRecord record;
  private @Nullable GrpcWebBridge bridge;
  private @Nullable ReplayBuffer replay;
  private @Nullable KeptContent recorded;
  private @Nullable FieldSection trailers;
  private boolean whole;
  private boolean taken;
  private boolean settled;

  RequestContent(Exchange exchange, ExchangeRecord record) {
    this.exchange = exchange;
    this.record = record;
  }

  /// Begins, now that the head is known to be good.
  void begin() {
    whole = exchange.request().framing() == Framing.NONE;
  }

  /// What the route does to requests.
  ///
  /// @param carrying null where the request is no gRPC-Web call that is carried
  void routed(@Nullable GrpcWebBridge carrying) {
    bridge = carrying;
  }

  /// Keeps the first bytes of it, in case it is to be recorded.
  void record(int bytes) {
    if (bytes > 0) {
      recorded = new KeptContent(bytes);
    }
  }

  /// Whether all of it came.
  boolean isWhole() {
    return whole;
  }

  /// Whether nothing of it is lost for another attempt.
  boolean isKept() {
    return !taken || (replay != null && replay.isWhole());
  }

  /// What is kept of it for a recording; null where nothing is.
  @Nullable KeptContent recorded() {
    return recorded;
  }

  /// Sends what came so far to an attempt whose head is written, and lets the rest come.
  ///
  /// @param limit beyond so many bytes nothing is kept for another attempt
  void sendTo(Attempt attempt, int limit) {
    RequestHead request = exchange.request();
    if (request.framing() == Framing.NONE) {
      attempt.requestEnd(null);
      return;
    }
    boolean mayRepeat =
        attempt.isReused() || attempt.tellsUnprocessed() || RetryPolicy.isHarmless(request);
    if (mayRepeat && replay == null && !taken) {
      replay = new ReplayBuffer(limit);
    }
    if (replay != null && !replay.isEmpty()) {
      replay.replay(attempt::send);
    }
    if (whole) {
      attempt.requestEnd(trailers);
      return;
    }
    if (request.expectsContinue()) {
      attempt.awaitContinue();
    }
    attempt.flush();
    exchange.downstream().demand(true);
  }

  /// A piece came, or bytes of a tunnel; owns them.
  void came(ByteBuf piece) {
    record.requestBytes += piece.readableBytes();
    GrpcWebBridge by = bridge;
    if (by == null || exchange.isOver()) {
      pass(piece);
      return;
    }
    ByteBuf plain = by.call().take(piece);
    if (plain == null) {
      exchange.refuse(by.refusal());
    } else {
      pass(plain);
    }
  }

  private void pass(ByteBuf piece) {
    Attempt to = exchange.taker();
    taken = true;
    if (recorded != null) {
      recorded.keep(piece);
    }
    if (to == null) {
      piece.release();
      return;
    }
    if (replay != null && !settled) {
      replay.keep(piece);
    }
    if (!to.send(piece)) {
      exchange.downstream().demand(false);
      to.flush();
    }
  }

  /// It is whole.
  void ended(@Nullable FieldSection trailerFields) {
    GrpcWebBridge by = bridge;
    if (by != null && !exchange.isOver() && !by.call().mayEnd()) {
      exchange.refuse(by.refusal());
      return;
    }
    whole = true;
    trailers = trailerFields;
    if (recorded != null) {
      recorded.end();
    }
    Attempt to = exchange.taker();
    if (to != null) {
      to.requestEnd(trailerFields);
    }
  }

  /// Lets go of what is kept: there will be no other attempt.
  void forget() {
    settled = true;
    if (replay != null) {
      replay.close();
    }
  }
}
