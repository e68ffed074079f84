package io.whygate.gateway.listener;

import io.netty.channel.Channel;
import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.listener.client.Abuse;
import io.whygate.gateway.listener.client.ListenerCounts;
import io.whygate.gateway.proxyprotocol.Ends;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who comes to a listener whose clients come by fronts, and what is told of those that come
/// otherwise. For all threads.
final class Fronts {
  private static final Logger LOG = LoggerFactory.getLogger(Fronts.class);

  /// A line at most in so long: anybody can make one.
  private static final long PACE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final ListenerCounts counts;
  private final AtomicLong toldNanos = new AtomicLong(System.nanoTime() - PACE_NANOS);

  Fronts(ListenerCounts counts) {
    this.counts = counts;
  }

  /// Who a connection is from.
  enum Judgement {
    /// A client, without a front.
    CLIENT,
    /// A front, which says whose connection it is.
    FRONT,
    /// Somebody who is not to come without a front; told of already.
    STRANGER
  }

  Judgement judge(ListenerSettings settings, Channel channel) {
    ListenerSettings.ProxyProtocol rules = settings.proxyProtocol();
    if (rules.from().isEmpty()) {
      return Judgement.CLIENT;
    }
    if (isFront(rules, channel)) {
      return Judgement.FRONT;
    }
    return switch (rules.others()) {
      case SERVE -> Judgement.CLIENT;
      case REFUSE -> {
        refused(settings, channel, "it is none of proxy-protocol.from");
        yield Judgement.STRANGER;
      }
    };
  }

  private static boolean isFront(ListenerSettings.ProxyProtocol rules, Channel channel) {
    return rules.from().contains(Ends.of(channel).source());
  }

  /// Takes note of a connection that is not served.
  void refused(ListenerSettings settings, Channel channel, String why) {
    counts.abused(Abuse.PROXY_HEADERS);
    long told = toldNanos.get();
    long now = System.nanoTime();
    if (now - told >= PACE_NANOS && toldNanos.compareAndSet(told, now)) {
      LOG.warn(
          "{}: a connection from {} without a valid header of the PROXY protocol is closed: {} ({} so far)",
          settings.name(),
          Ends.of(channel).source(),
          why,
          counts.abuses(Abuse.PROXY_HEADERS));
    }
  }
}
