package io.whygate.gateway;

import io.whygate.gateway.config.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// What is different between two configurations, in sentences for operators.
final class Changes {
  private Changes() {}

  static List<String> between(Settings before, Settings after) {
    List<String> found = new ArrayList<>();
    upstreams(before.upstreams(), after.upstreams(), found);
    changed("routes", before.routes(), after.routes(), found);
    changed("listeners", before.listeners(), after.listeners(), found);
    changed("acme", before.acme(), after.acme(), found);
    changed(
        "certificate-warnings", before.certificateWarnings(), after.certificateWarnings(), found);
    changed("ocsp-stapling", before.ocspStapling(), after.ocspStapling(), found);
    changed("dns", before.dns(), after.dns(), found);
    changed("page", before.page(), after.page(), found);
    changed("access-log", before.accessLog(), after.accessLog(), found);
    changed("notifications", before.notifications(), after.notifications(), found);
    changed("tracing", before.tracing(), after.tracing(), found);
    changed("shutdown-grace", before.shutdownGrace(), after.shutdownGrace(), found);
    later("name", before.name(), after.name(), found);
    later("event-loops", before.eventLoops(), after.eventLoops(), found);
    later("reserved-descriptors", before.reservedDescriptors(), after.reservedDescriptors(), found);
    later("splice-pipes", before.splicePipes(), after.splicePipes(), found);
    later("admin", before.admin(), after.admin(), found);
    later("syslog", before.syslog(), after.syslog(), found);
    later("diagnostics", before.diagnostics(), after.diagnostics(), found);
    later("state", before.state(), after.state(), found);
    return found;
  }

  private static <T> void upstreams(
      Map<String, T> before, Map<String, T> after, List<String> found) {
    Set<String> names = new TreeSet<>(before.keySet());
    names.addAll(after.keySet());
    for (String name : names) {
      T old = before.get(name);
      T now = after.get(name);
      if (old == null) {
        found.add("upstream " + name + " is new");
      } else if (now == null) {
        found.add("upstream " + name + " is gone");
      } else if (!old.equals(now)) {
        found.add("upstream " + name + " changed");
      }
    }
  }

  private static void changed(String what, Object before, Object after, List<String> found) {
    if (!before.equals(after)) {
      found.add(what + " changed");
    }
  }

  private static void later(String what, Object before, Object after, List<String> found) {
    if (!before.equals(after)) {
      found.add(what + " changed, which takes effect at the next start");
    }
  }
}
