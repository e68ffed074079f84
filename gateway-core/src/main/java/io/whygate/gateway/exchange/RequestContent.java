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
  private final RequestHead request;
  private final Downstream downstream;
  private @Nullable ReplayBuffer replay;
  private @Nullable KeptContent recorded;
  private @Nullable FieldSection trailers;
  private boolean whole;
  private boolean taken;
  private boolean settled;

  RequestContent(RequestHead request, Downstream downstream) {
    this.request = request;
    this.downstream = downstream;
  }

  /// Begins, now that the head is known to be good.
  void begin() {
    whole = request.framing() == Framing.NONE;
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
    downstream.demand(true);
  }

  /// A piece came, or bytes of a tunnel; owns them.
  ///
  /// @param to who is sent it; null where nobody is
  void came(ByteBuf piece, @Nullable Attempt to) {
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
      downstream.demand(false);
      to.flush();
    }
  }

  /// It is whole.
  ///
  /// @param to who is told; null where nobody is
  void ended(@Nullable FieldSection trailerFields, @Nullable Attempt to) {
    whole = true;
    trailers = trailerFields;
    if (recorded != null) {
      recorded.end();
    }
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
