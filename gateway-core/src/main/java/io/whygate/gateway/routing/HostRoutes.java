package io.whygate.gateway.routing;

import io.whygate.gateway.http.RequestHead;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The routes of one host: found by exact path, then by the longest prefix of whole segments.
final class HostRoutes {
  private final Map<String, List<Route>> exact = new HashMap<>();
  private final Map<String, List<Route>> prefixes = new HashMap<>();
  private final List<Route> root;
  private final boolean onlyRoot;

  /// @param routes those of the host, in the order of the file
  HostRoutes(List<Route> routes) {
    for (Route route : routes) {
      String path = route.settings().path();
      Map<String, List<Route>> index = route.settings().exactPath() ? exact : prefixes;
      String key = route.settings().exactPath() ? path : withoutTrailingSlash(path);
      index.computeIfAbsent(key, _ -> new ArrayList<>()).add(route);
    }
    Comparator<Route> moreConditionsFirst = Comparator.comparingInt(Route::conditions).reversed();
    exact.values().forEach(list -> list.sort(moreConditionsFirst));
    prefixes.values().forEach(list -> list.sort(moreConditionsFirst));
    root = prefixes.getOrDefault("", List.of());
    onlyRoot = exact.isEmpty() && prefixes.size() == (root.isEmpty() ? 0 : 1);
  }

  private static String withoutTrailingSlash(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  /// Whether the path of a request makes no difference here.
  boolean ignoresPath() {
    return onlyRoot;
  }

  @Nullable Route match(RequestHead request, String path) {
    if (!onlyRoot) {
      Route found = firstAdmitting(exact.get(path), request);
      if (found != null) {
        return found;
      }
      for (int end = path.length(); end > 0; end = path.lastIndexOf('/', end - 1)) {
        found = firstAdmitting(prefixes.get(path.substring(0, end)), request);
        if (found != null) {
          return found;
        }
      }
    }
    return firstAdmitting(root, request);
  }

  private static @Nullable Route firstAdmitting(@Nullable List<Route> routes, RequestHead request) {
    if (routes != null) {
      for (int i = 0; i < routes.size(); i++) {
        if (routes.get(i).admits(request)) {
          return routes.get(i);
        }
      }
    }
    return null;
  }
}
