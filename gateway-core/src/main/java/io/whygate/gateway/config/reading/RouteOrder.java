package io.whygate.gateway.config.reading;

import io.whygate.gateway.config.RouteSettings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Looks at all routes together: names that are taken, and routes that no request can reach.
final class RouteOrder {
  private final List<RouteSettings> routes = new ArrayList<>();
  private final List<Section> sections = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  void add(RouteSettings route, Section section) {
    Setting name = section.get("name");
    boolean named = name.optionalText().isPresent();
    if (named && !names.add(route.name())) {
      name.reject(name.found() + " is taken by an earlier route", "a name of its own");
    }
    for (int i = 0; i < routes.size(); i++) {
      if (covers(routes.get(i), route)) {
        Setting earlier = sections.get(i).get("upstream");
        section.rejectWhole(
            "no request reaches this route",
            "a match that differs from the route on line "
                + earlier.place().lineNumber()
                + ", which takes all it would");
        break;
      }
    }
    routes.add(named ? route : withFreeName(route));
    sections.add(section);
  }

  List<RouteSettings> routes() {
    return routes;
  }

  /// Whether the earlier route is looked at first and takes every request of the later one.
  ///
  /// More specific ones go first, so that only a route with the same host and path and as many
  /// conditions can stand in the way.
  private static boolean covers(RouteSettings earlier, RouteSettings later) {
    return earlier.host().equals(later.host())
        && earlier.path().equals(later.path())
        && earlier.exactPath() == later.exactPath()
        && conditions(earlier) >= conditions(later)
        && (earlier.methods().isEmpty()
            || (!later.methods().isEmpty() && earlier.methods().containsAll(later.methods())))
        && earlier.headers().entrySet().stream().allMatch(header -> isMet(header, later));
  }

  private static int conditions(RouteSettings route) {
    return route.headers().size() + (route.methods().isEmpty() ? 0 : 1);
  }

  private static boolean isMet(Map.Entry<String, String> wanted, RouteSettings later) {
    String given = later.headers().get(wanted.getKey());
    if (given == null) {
      return false;
    }
    String value = wanted.getValue();
    return value.equals(given)
        || (value.endsWith("*") && given.startsWith(value.substring(0, value.length() - 1)));
  }

  private RouteSettings withFreeName(RouteSettings route) {
    String name = route.name();
    for (int i = 2; !names.add(name); i++) {
      name = route.name() + "#" + i;
    }
    return new RouteSettings(
        name,
        route.host(),
        route.path(),
        route.exactPath(),
        route.methods(),
        route.headers(),
        route.upstream(),
        route.compression(),
        route.grpcWeb());
  }
}
