package io.whygate.gateway.connection.pool;

import io.whygate.gateway.connection.UpstreamConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The connections of one pool that carry several exchanges at the same time. The first one that
/// can takes the next exchange, so that those which are not needed become idle. Confined to its
/// event loop.
final class SharedConnections {
  private final List<UpstreamConnection> connections = new ArrayList<>(2);
  private int capacity;

  void add(UpstreamConnection connection) {
    connections.add(connection);
  }

  void remove(UpstreamConnection connection) {
    connections.remove(connection);
  }

  /// Notes how many exchanges a connection may carry, as its server says.
  void note(UpstreamConnection connection) {
    capacity = connection.capacity();
  }

  /// How many exchanges a connection is known to carry.
  ///
  /// @param most where that is not known, or more
  int capacity(int most) {
    return capacity == 0 ? most : Math.min(capacity, most);
  }

  /// One that can take an exchange; null where none can. Those that may not be used any more are
  /// retired.
  ///
  /// @param usable whether one may still be used
  /// @param fit whether one will do for this exchange
  @Nullable UpstreamConnection take(
      Predicate<UpstreamConnection> usable, Predicate<UpstreamConnection> fit) {
    retireUnless(usable);
    for (int i = 0; i < connections.size(); i++) {
      UpstreamConnection each = connections.get(i);
      if (each.isReusable() && fit.test(each)) {
        return each;
      }
    }
    return null;
  }

  /// Retires those that may not be used any more.
  void retireUnless(Predicate<UpstreamConnection> usable) {
    for (int i = connections.size() - 1; i >= 0; i--) {
      UpstreamConnection each = connections.get(i);
      if (!usable.test(each)) {
        connections.remove(i);
        each.retire();
      }
    }
  }

  /// Retires one; whether there was one.
  boolean retireOne() {
    if (connections.isEmpty()) {
      return false;
    }
    connections.removeFirst().retire();
    return true;
  }

  /// Closes one that carries nothing; whether there was one.
  boolean closeIdle() {
    for (UpstreamConnection each : connections) {
      if (each.carried() == 0) {
        connections.remove(each);
        each.close();
        return true;
      }
    }
    return false;
  }

  /// How many carry nothing.
  int idle() {
    int idle = 0;
    for (int i = 0; i < connections.size(); i++) {
      if (connections.get(i).carried() == 0) {
        idle++;
      }
    }
    return idle;
  }
}
