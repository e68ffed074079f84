package io.whygate.gateway.listener.http3;

import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionPathStats;
import io.netty.handler.codec.quic.QuicConnectionStats;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// Whether a client acknowledges what it is sent. QUIC's library keeps something of each packet
/// until then, of those too that acknowledge alone and that no window holds back: a client that
/// sends on and acknowledges nothing would have it keep more and more. It does not say what it
/// keeps; but nearly each acknowledgement changes the round trip that it measures, in nanoseconds,
/// and the rate. Paths are judged each on its own, as they are acknowledged. Confined to the event
/// loop.
final class Acknowledgements {
  /// What is acknowledged later than that is as good as not.
  private static final long LATE_NANOS = Duration.ofSeconds(10).toNanos();

  /// So often in a row nothing may have changed: once may be chance, over and over it is not.
  private static final int MOST_UNCHANGED = 2;

  private Map<InetSocketAddress, Path> paths = Map.of();
  private long sent;

  /// What was seen of a path when it was last looked at.
  ///
  /// @param sent packets so far
  /// @param roundTrip nanoseconds
  /// @param rate at which packets arrive, bytes a second
  /// @param unchanged looks in a row before which packets were sent and no sign of one came
  record Path(long sent, long roundTrip, long rate, int unchanged) {
    private static Path of(QuicConnectionPathStats stats) {
      return new Path(stats.sent(), stats.rtt(), stats.deliveryRate(), 0);
    }

    /// What is known after another look.
    ///
    /// @param least packets between two looks that tell something
    Path then(Path now, long least) {
      if (now.sent - sent < least) {
        return this;
      }
      boolean isSign =
          now.roundTrip < LATE_NANOS && (now.roundTrip != roundTrip || now.rate != rate);
      return new Path(now.sent, now.roundTrip, now.rate, isSign ? 0 : unchanged + 1);
    }

    boolean isUnacknowledged() {
      return unchanged >= MOST_UNCHANGED;
    }
  }

  /// Looks at a connection: whether on one of its paths as many packets as this were sent without a
  /// sign that one came.
  boolean areMissing(QuicChannel channel, int most) {
    long least = most / MOST_UNCHANGED;
    QuicConnectionStats stats = channel.collectStats().getNow();
    if (stats == null || stats.sent() - sent < least) {
      return false;
    }
    sent = stats.sent();
    // Those that are left are forgotten.
    Map<InetSocketAddress, Path> current = new HashMap<>(2);
    boolean missing = false;
    for (int i = 0; i < stats.pathsCount(); i++) {
      QuicConnectionPathStats known = channel.collectPathStats(i).getNow();
      if (known != null) {
        Path now = Path.of(known);
        Path before = paths.get(known.peerAddress());
        Path path = before == null ? now : before.then(now, least);
        current.put(known.peerAddress(), path);
        missing |= path.isUnacknowledged();
      }
    }
    paths = current;
    return missing;
  }
}
