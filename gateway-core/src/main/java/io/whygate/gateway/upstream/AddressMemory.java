package io.whygate.gateway.upstream;

import java.net.InetAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/// Which addresses of an endpoint failed lately, so that they are tried last for a while.
public final class AddressMemory {
  private static final long REMEMBERED = TimeUnit.SECONDS.toNanos(30);
  private static final int MOST = 64;

  private final LongSupplier nanos;
  private final Map<InetAddress, Long> failedAt = new ConcurrentHashMap<>();
  private final AtomicInteger turn = new AtomicInteger();

  AddressMemory(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /// Tells that no connection to the address could be made.
  public void failed(InetAddress address) {
    if (failedAt.size() >= MOST) {
      failedAt.values().removeIf(at -> nanos.getAsLong() - at > REMEMBERED);
    }
    if (failedAt.size() < MOST) {
      failedAt.put(address, nanos.getAsLong());
    }
  }

  /// Tells that a connection to the address was made.
  public void worked(InetAddress address) {
    if (!failedAt.isEmpty()) {
      failedAt.remove(address);
    }
  }

  /// Whether the address failed lately and has not worked since.
  public boolean hasFailed(InetAddress address) {
    if (failedAt.isEmpty()) {
      return false;
    }
    Long at = failedAt.get(address);
    return at != null && nanos.getAsLong() - at <= REMEMBERED;
  }

  /// A number that grows with each call: where a list of equal addresses is begun.
  public int nextTurn() {
    return turn.getAndIncrement() & Integer.MAX_VALUE;
  }
}
