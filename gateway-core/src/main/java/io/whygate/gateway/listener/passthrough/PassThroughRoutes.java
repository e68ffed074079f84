package io.whygate.gateway.listener.passthrough;

import io.whygate.gateway.config.RouteSettings;
import io.whygate.gateway.routing.RouteTable;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The routes of one listener, to the upstreams that are in force at the moment of the call.
/// Confined to an event loop.
public final class PassThroughRoutes implements Supplier<RouteTable> {
  private final List<RouteSettings> routes;
  private final Supplier<RouteTable> current;
  private @Nullable RouteTable inForce;
  private @Nullable RouteTable own;

  /// @param current the gateway's routes, which know the upstreams
  public PassThroughRoutes(List<RouteSettings> routes, Supplier<RouteTable> current) {
    this.routes = routes;
    this.current = current;
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // whether another table was put in force
  public RouteTable get() {
    RouteTable now = current.get();
    RouteTable found = own;
    if (found == null || inForce != now) {
      // In the middle of a reload an upstream may not be there yet, or no longer.
      found =
          new RouteTable(
              routes.stream().filter(each -> now.upstreams().containsKey(each.upstream())).toList(),
              now.upstreams());
      inForce = now;
      own = found;
    }
    return found;
  }
}
