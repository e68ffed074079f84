package io.whygate.gateway.listener.http3;

import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionPathStats;
import io.netty.handler.codec.quic.QuicConnectionStats;
import java.time.Duration;

/// Whether a client acknowledges what it is sent. QUIC's library keeps something of each packet
/// until then, of those too that acknowledge alone and that no window holds back: a client that
/// sends on and acknowledges nothing would have it keep more and more. It does not say what it
/// keeps; but with each acknowledgement the round trip that it measures is another. Confined to the
/// event loop.
final class Acknowledgements {
  /// What is acknowledged later than that is as good as not: as much is kept meanwhile.
  private static final long LATE_NANOS = Duration.ofSeconds(10).toNanos();

  private final QuicChannel channel;
  private boolean looked;
  private long sentUntilSign;
  private long roundTrips;

  Acknowledgements(QuicChannel channel) {
    this.channel = channel;
  }

  /// Whether more packets than this were sent since the last sign that one came.
  boolean areMissing(int most) {
    QuicConnectionStats stats = channel.collectStats().getNow();
    if (stats == null || (looked && stats.sent() - sentUntilSign <= most)) {
      return false;
    }
    long measured = roundTrips(stats.pathsCount());
    boolean missing = looked && measured == roundTrips;
    looked = true;
    roundTrips = measured;
    sentUntilSign = stats.sent();
    return missing;
  }

  /// Those of all paths, in one number.
  private long roundTrips(long paths) {
    long all = 0;
    for (int i = 0; i < paths; i++) {
      QuicConnectionPathStats path = channel.collectPathStats(i).getNow();
      if (path != null && path.rtt() < LATE_NANOS) {
        all += path.rtt();
      }
    }
    return all;
  }
}
