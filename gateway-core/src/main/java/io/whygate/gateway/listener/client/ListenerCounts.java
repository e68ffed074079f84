package io.whygate.gateway.listener.client;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/// What a listener counts beside its exchanges. For all threads; nothing here is written on the way
/// of an ordinary request.
public final class ListenerCounts {
  private final AtomicInteger http2 = new AtomicInteger();
  private final AtomicInteger http3 = new AtomicInteger();
  private final AtomicInteger handshakes = new AtomicInteger();
  private final LongAdder earlyPassed = new LongAdder();
  private final LongAdder earlyHeld = new LongAdder();
  private final Map<Abuse, LongAdder> abuses = new EnumMap<>(Abuse.class);

  public ListenerCounts() {
    for (Abuse each : Abuse.values()) {
      abuses.put(each, new LongAdder());
    }
  }

  /// A connection begins to speak HTTP/2.
  public void http2Began() {
    http2.incrementAndGet();
  }

  /// A connection that spoke HTTP/2 is closed.
  public void http2Ended() {
    http2.decrementAndGet();
  }

  /// Connections that speak HTTP/2.
  public int http2Connections() {
    return http2.get();
  }

  /// A connection begins to speak HTTP/3.
  public void http3Began() {
    http3.incrementAndGet();
  }

  /// A connection that spoke HTTP/3 is closed.
  public void http3Ended() {
    http3.decrementAndGet();
  }

  /// Connections that speak HTTP/3.
  public int http3Connections() {
    return http3.get();
  }

  /// A TLS handshake begins.
  ///
  /// @return how many are under way with it
  public int handshakeBegan() {
    return handshakes.incrementAndGet();
  }

  /// A TLS handshake is over, however it ended.
  public void handshakeEnded() {
    handshakes.decrementAndGet();
  }

  /// TLS handshakes under way.
  public int handshakes() {
    return handshakes.get();
  }

  /// A request came before its handshake was over (0-RTT).
  ///
  /// @param held whether it waits for that; else it is served at once
  public void cameEarly(boolean held) {
    (held ? earlyHeld : earlyPassed).increment();
  }

  /// Requests that came before their handshake was over, and were served at once, or waited for it.
  public long early(boolean held) {
    return (held ? earlyHeld : earlyPassed).sum();
  }

  /// A client went beyond a limit.
  public void abused(Abuse how) {
    count(how).increment();
  }

  /// How often clients went beyond a limit since the listener was opened.
  public long abuses(Abuse how) {
    return count(how).sum();
  }

  private LongAdder count(Abuse how) {
    return Objects.requireNonNull(abuses.get(how));
  }
}
