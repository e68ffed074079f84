package io.whygate.gateway.config.reading;

import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.config.RouteSettings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads where a listener passes connections on to as they are.
final class PassThroughReader {
  private final RouteReader routes;
  private final Set<String> named = new HashSet<>();

  /// @param routes reads the names of upstreams
  PassThroughReader(RouteReader routes) {
    this.routes = routes;
  }

  /// Empty where the listener serves HTTP.
  ///
  /// @param terminates whether TLS ends at the listener
  Optional<ListenerSettings.PassThrough> read(Section section, boolean terminates) {
    Setting others = section.get("upstream");
    Setting list = section.get("routes");
    if (others.optionalText().isEmpty() && list.isEmptyList()) {
      return Optional.empty();
    }
    if (terminates) {
      section.rejectWhole("beside tls", "tls, which ends here, or pass-through, which does not");
    }
    List<RouteSettings> found = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Setting element : list.elements("routes")) {
      Section.of(element, Section.Defaults.none("sni", "upstream"))
          .ifPresent(route -> {
            int before = element.problems().count();
            String name = RouteReader.host(route.get("sni"));
            if (element.problems().count() > before) {
              return;
            }
            if (name.isEmpty() || name.startsWith("[")) {
              route.get("sni").reject("a host such as a.example.com or *.example.com");
            } else if (!names.add(name)) {
              route.get("sni").reject(name + " is there twice", "each name once");
            } else {
              found.add(route(name, route.get("upstream")));
            }
          });
    }
    boolean tls = !found.isEmpty();
    if (others.optionalText().isPresent()) {
      found.add(route("", others));
    }
    return Optional.of(new ListenerSettings.PassThrough(found, tls));
  }

  private RouteSettings route(String name, Setting upstream) {
    String target = routes.upstream(upstream);
    named.add(target);
    String label = name.isEmpty() ? "*" : name;
    return new RouteSettings(
        label, name, "/", false, Set.of(), Map.of(), target, Optional.empty(), Optional.empty());
  }

  /// The upstreams that connections are passed on to, of all listeners read so far.
  Set<String> upstreams() {
    return named;
  }
}
