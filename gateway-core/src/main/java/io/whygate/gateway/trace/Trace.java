package io.whygate.gateway.trace;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;

/// The trace that an exchange belongs to, and its own span in it.
public final class Trace {
  /// The flag that says that a trace is recorded.
  static final int SAMPLED = 1;

  /// The flag that says that the second half of a trace's id is random (W3C Trace Context, level
  /// 2).
  static final int RANDOM = 2;

  private static final byte[] NAME = "traceparent: 00-".getBytes(StandardCharsets.US_ASCII);
  private static final int LINE = NAME.length + 32 + 1 + 16 + 1 + 2 + 2;

  private final long high;
  private final long low;
  private final long parent;
  private final long span = newSpan();
  private final int flags;
  private final boolean continued;
  private final boolean keepsFailure;
  private final long epochOffset;

  /// @param continued whether a client began it
  /// @param keepsFailure whether it is kept where its exchange fails, though it is not sampled
  private Trace(
      long high, long low, long parent, int flags, boolean continued, boolean keepsFailure) {
    this.high = high;
    this.low = low;
    this.parent = parent;
    this.flags = flags;
    this.continued = continued;
    this.keepsFailure = keepsFailure;
    this.epochOffset = System.currentTimeMillis() * 1_000_000 - System.nanoTime();
  }

  static Trace continuing(TraceParent parent, boolean keepsFailure) {
    int flags = parent.flags() & (SAMPLED | RANDOM);
    return new Trace(parent.high(), parent.low(), parent.span(), flags, true, keepsFailure);
  }

  static Trace beginning(double ratio, boolean keepsFailure) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    long high = random.nextLong();
    long low = newSpan();
    // The decision of OpenTelemetry's TraceIdRatioBased sampler: others make the same of the id.
    boolean sampled = (low & Long.MAX_VALUE) < (long) (ratio * Long.MAX_VALUE);
    return new Trace(high, low, 0, RANDOM | (sampled ? SAMPLED : 0), false, keepsFailure);
  }

  /// A new id of a span.
  public static long newSpan() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    long id = random.nextLong();
    while (id == 0) {
      id = random.nextLong();
    }
    return id;
  }

  /// The first half of the trace's id.
  public long high() {
    return high;
  }

  /// The second half of the trace's id.
  public long low() {
    return low;
  }

  /// The trace's id, 32 hexadecimal digits.
  public String id() {
    return TraceParent.id(high, low);
  }

  /// The span of the exchange.
  public long span() {
    return span;
  }

  /// The span of the exchange, 16 hexadecimal digits.
  public String spanId() {
    byte[] digits = new byte[16];
    Hex.write(span, digits, 0);
    return new String(digits, StandardCharsets.US_ASCII);
  }

  /// The span that asked; 0 where the trace begins here.
  public long parent() {
    return parent;
  }

  public int flags() {
    return flags;
  }

  /// Whether a client began it, so that what it says of it (tracestate) passes on.
  public boolean isContinued() {
    return continued;
  }

  /// Whether its spans are exported.
  ///
  /// @param failed whether its exchange met a failure
  public boolean isKept(boolean failed) {
    return (flags & SAMPLED) != 0 || (failed && keepsFailure);
  }

  /// A moment ([System#nanoTime()]) as nanoseconds since the epoch: the same clock for all spans of
  /// an exchange, so that they keep their order.
  public long epochNanos(long nanoTime) {
    return nanoTime + epochOffset;
  }

  /// The field line that tells a server of the attempt that asks it.
  public byte[] line(long ofSpan) {
    byte[] line = new byte[LINE];
    System.arraycopy(NAME, 0, line, 0, NAME.length);
    int at = Hex.write(low, line, Hex.write(high, line, NAME.length));
    line[at++] = '-';
    at = Hex.write(ofSpan, line, at);
    line[at++] = '-';
    line[at++] = '0';
    line[at++] = (byte) ('0' + flags);
    line[at++] = '\r';
    line[at] = '\n';
    return line;
  }
}
