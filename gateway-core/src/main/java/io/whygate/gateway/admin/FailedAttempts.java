package io.whygate.gateway.admin;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.whygate.gateway.config.AdminSettings.AttemptLimits;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/// Wrong tokens, counted by who showed them: an IPv4 address, or a /64 of IPv6.
final class FailedAttempts {
  private static final int ADDRESSES = 10_000;
  private static final int NETWORK_BYTES = 8;

  private final AttemptLimits limits;
  private final Cache<ByteBuffer, AtomicInteger> counts;

  FailedAttempts(AttemptLimits limits) {
    this.limits = limits;
    this.counts =
        Caffeine.newBuilder()
            .maximumSize(ADDRESSES)
            .expireAfterWrite(limits.window())
            .executor(Runnable::run)
            .build();
  }

  /// Whether no more tokens are looked at.
  boolean isRefused(Caller caller) {
    AtomicInteger count = counts.getIfPresent(keyOf(caller.address()));
    return count != null && count.get() >= limits.most();
  }

  void failed(Caller caller) {
    counts.get(keyOf(caller.address()), _ -> new AtomicInteger()).incrementAndGet();
  }

  /// When to come back, seconds.
  long retryAfterSeconds() {
    return Math.max(1, limits.window().toSeconds());
  }

  private static ByteBuffer keyOf(InetAddress address) {
    byte[] bytes = address.getAddress();
    return ByteBuffer.wrap(
        address instanceof Inet6Address ? Arrays.copyOf(bytes, NETWORK_BYTES) : bytes);
  }
}
