package io.whygate.gateway.routing;

import io.whygate.gateway.config.RouteSettings;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.upstream.Upstream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// All routes, ready to be asked: the snapshot that a reload swaps. Immutable, shared by all
/// threads.
///
/// The most specific route wins: an exact host before a wildcard before none, a longer path before
/// a shorter one, more conditions before fewer, then the order of the file.
public final class RouteTable {
  private final Map<String, HostRoutes> exactHosts = new HashMap<>();
  private final Map<String, HostRoutes> wildcards = new HashMap<>();
  private final @Nullable HostRoutes anyHost;
  private final Map<String, Upstream> upstreams;

  /// @param upstreams by name; each route's upstream is among them
  public RouteTable(List<RouteSettings> routes, Map<String, Upstream> upstreams) {
    this.upstreams = Map.copyOf(upstreams);
    Map<String, List<Route>> byHost = new LinkedHashMap<>();
    for (RouteSettings each : routes) {
      Upstream upstream = upstreams.get(each.upstream());
      if (upstream == null) {
        throw new IllegalArgumentException(
            "upstream: " + each.upstream() + " (expected: one of " + upstreams.keySet() + ")");
      }
      byHost.computeIfAbsent(each.host(), _ -> new ArrayList<>()).add(new Route(each, upstream));
    }
    HostRoutes any = null;
    for (Map.Entry<String, List<Route>> host : byHost.entrySet()) {
      HostRoutes compiled = new HostRoutes(host.getValue());
      if (host.getKey().isEmpty()) {
        any = compiled;
      } else if (host.getKey().startsWith("*.")) {
        wildcards.put(host.getKey().substring(1), compiled);
      } else {
        exactHosts.put(host.getKey(), compiled);
      }
    }
    anyHost = any;
  }

  /// The upstreams, by name.
  public Map<String, Upstream> upstreams() {
    return upstreams;
  }

  /// What was found for a request.
  public sealed interface Match {
    /// The route that it takes.
    record Found(Route route) implements Match {}

    /// No route takes it.
    record NotFound() implements Match {}

    /// Its path climbs above the root, or is encoded wrongly.
    record BadPath() implements Match {}
  }

  private static final Match NOT_FOUND = new Match.NotFound();
  private static final Match BAD_PATH = new Match.BadPath();

  /// The route of a request.
  public Match match(RequestHead request) {
    HostRoutes any = anyHost;
    String path = "/";
    if (any == null
        || !any.ignoresPath()
        || !exactHosts.isEmpty()
        || !wildcards.isEmpty()
        || RoutePath.isSuspect(request)) {
      String normal = RoutePath.normal(request);
      if (normal == null) {
        return BAD_PATH;
      }
      path = normal;
    }
    Route route = exactHosts.isEmpty() && wildcards.isEmpty() ? null : byHost(request, path);
    if (route == null && any != null) {
      route = any.match(request, path);
    }
    return route == null ? NOT_FOUND : route.found();
  }

  private @Nullable Route byHost(RequestHead request, String path) {
    String host = hostOf(request);
    HostRoutes routes = exactHosts.get(host);
    Route found = routes == null ? null : routes.match(request, path);
    for (int dot = host.indexOf('.');
        found == null && dot >= 0 && !wildcards.isEmpty();
        dot = host.indexOf('.', dot + 1)) {
      routes = wildcards.get(host.substring(dot));
      found = routes == null ? null : routes.match(request, path);
    }
    return found;
  }

  /// The host that is asked for: lower case, without port and final dot.
  private static String hostOf(RequestHead request) {
    String host = request.authority();
    int colon = host.lastIndexOf(':');
    if (colon >= 0 && host.indexOf(']', colon) < 0) {
      host = host.substring(0, colon);
    }
    if (host.endsWith(".")) {
      host = host.substring(0, host.length() - 1);
    }
    return host.toLowerCase(Locale.ROOT);
  }
}
