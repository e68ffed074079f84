package io.whygate.gateway.listener;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/// How many connections each client has: each address of IPv4, each network of 64 bits of IPv6,
/// which is what one subscriber has. For all threads.
final class PerClient {
  private static final int SUBSCRIBER = 8;

  private final ConcurrentMap<ByteBuffer, Integer> open = new ConcurrentHashMap<>();

  /// Counts one more; false where the client has as many as it may have already.
  boolean enter(InetAddress client, int most) {
    if (open.merge(key(client), 1, Integer::sum) <= most) {
      return true;
    }
    leave(client);
    return false;
  }

  /// Counts one less.
  void leave(InetAddress client) {
    open.computeIfPresent(key(client), (_, count) -> less(count));
  }

  private static @Nullable Integer less(int count) {
    return count == 1 ? null : count - 1;
  }

  private static ByteBuffer key(InetAddress client) {
    byte[] bytes = client.getAddress();
    return ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, SUBSCRIBER));
  }
}
