package io.whygate.diagnostics.page.recording;

import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.json.JsonWriter;

/// How long each phase of an attempt took, as HAR 1.2 tells it: `-1` where a phase does not apply,
/// and `connect` with `ssl` in it.
///
/// @param dns microseconds, as all are
record HarTimings(
    long blocked, long dns, long connect, long ssl, long send, long waiting, long receive) {
  private static final long NONE = -1;

  static HarTimings of(FailedAttempt attempt) {
    Timeline at = attempt.timeline();
    Phase failed = attempt.failure().phase();
    Walk walk = new Walk(Math.max(0, at.ended()));
    if (attempt.use().isReused()) {
      long blocked = walk.to(Math.max(at.secured(), at.connected()), false);
      return rest(walk, at, failed, blocked, NONE, NONE, NONE);
    }
    long dns = walk.to(at.resolved(), failed == Phase.RESOLVE);
    long tcp = walk.to(at.connected(), failed == Phase.CONNECT);
    long ssl =
        attempt.endpoint().isTls() && at.connected() != Timeline.NEVER
            ? walk.to(at.secured(), failed == Phase.TLS_HANDSHAKE)
            : NONE;
    long connect = failed == Phase.RESOLVE ? NONE : tcp + Math.max(0, ssl);
    return rest(walk, at, failed, NONE, dns, connect, ssl);
  }

  private static HarTimings rest(
      Walk walk, Timeline at, Phase failed, long blocked, long dns, long connect, long ssl) {
    long send = walk.to(at.sent(), failed == Phase.SEND_REQUEST);
    long waiting = walk.to(at.firstByte(), failed == Phase.AWAIT_RESPONSE);
    return new HarTimings(blocked, dns, connect, ssl, send, waiting, walk.to(at.ended(), true));
  }

  /// Goes from the end of one phase to that of the next.
  private static final class Walk {
    private final long end;
    private long at;

    Walk(long end) {
      this.end = end;
    }

    /// @param last whether nothing came after this phase
    long to(long moment, boolean last) {
      long next = last ? end : Math.clamp(moment, at, Math.max(at, end));
      long took = Math.max(0, next - at);
      at = Math.max(at, next);
      return took;
    }
  }

  /// All of it, microseconds.
  long total() {
    return Math.max(0, blocked)
        + Math.max(0, dns)
        + Math.max(0, connect)
        + send
        + waiting
        + receive;
  }

  void write(JsonWriter json) {
    json.name("timings").object();
    member(json, "blocked", blocked);
    member(json, "dns", dns);
    member(json, "connect", connect);
    member(json, "ssl", ssl);
    member(json, "send", send);
    member(json, "wait", waiting);
    member(json, "receive", receive);
    json.end();
  }

  private static void member(JsonWriter json, String name, long micros) {
    json.member(name, micros < 0 ? -1 : micros / 1000.0);
  }
}
