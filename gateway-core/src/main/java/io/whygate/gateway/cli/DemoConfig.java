package io.whygate.gateway.cli;

import io.whygate.faults.demo.DemoPorts;
import io.whygate.faults.demo.DemoSite;
import io.whygate.faults.demo.DemoUpstream;
import io.whygate.gateway.config.InvalidConfigException;
import io.whygate.gateway.config.LoadedConfig;
import io.whygate.gateway.config.reading.ConfigReader;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The configuration of the gateway in front of the demo's site.
final class DemoConfig {
  private DemoConfig() {}

  static LoadedConfig of(DemoSite site, DemoPorts ports) throws InvalidConfigException {
    Map<String, Object> whygate = new LinkedHashMap<>();
    whygate.put("listeners", List.of(Map.of("bind", "127.0.0.1:" + ports.gateway())));
    whygate.put("admin", Map.of("bind", "127.0.0.1:" + ports.admin()));
    whygate.put("shutdown-grace", "2s");
    whygate.put(
        "dns",
        Map.of(
            "servers",
            site.dnsServers().stream().map(DemoConfig::hostPort).toList(),
            "authoritative-port",
            site.authoritativePort()));
    whygate.put(
        "upstream-defaults",
        Map.of(
            "connect-timeout", shown(site.connectTimeout()),
            "response-timeout", shown(site.responseTimeout())));
    whygate.put(
        "upstreams",
        site.upstreams().stream()
            .collect(Collectors.toMap(DemoUpstream::name, each -> upstream(each, site))));
    whygate.put(
        "routes",
        site.upstreams().stream()
            .map(each -> Map.of("path", each.path(), "upstream", each.name()))
            .toList());
    // Who presses one button after the other is told of the last one.
    whygate.put("diagnostics", Map.of("keep", "200ms"));
    whygate.put("access-log", Map.of("enabled", false));
    whygate.put("state", Map.of("directory", "none"));
    return new ConfigReader().ofValues(whygate, "demo");
  }

  private static Map<String, Object> upstream(DemoUpstream upstream, DemoSite site) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("endpoints", List.of(upstream.endpoint().toString()));
    if (upstream.usesTls()) {
      settings.put(
          "tls", Map.of("trusted-certificates", List.of(site.trustedCertificates().toString())));
    }
    return settings;
  }

  private static String hostPort(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }

  private static String shown(Duration duration) {
    return duration.toMillis() + "ms";
  }
}
