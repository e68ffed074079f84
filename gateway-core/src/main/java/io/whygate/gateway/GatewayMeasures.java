package io.whygate.gateway;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.incident.IncidentBook;
import io.whygate.gateway.acme.CertificateStatus;
import io.whygate.gateway.address.AddressEntry;
import io.whygate.gateway.config.CertificateWarnings;
import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.listener.Listener;
import io.whygate.gateway.listener.client.Abuse;
import io.whygate.gateway.telemetry.GatewayState;
import io.whygate.gateway.transport.SpliceCounts;
import io.whygate.gateway.upstream.EndpointState;
import io.whygate.gateway.upstream.Upstream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The state of a gateway as it is measured on each scrape.
final class GatewayMeasures implements GatewayState {
  private final Gateway gateway;

  GatewayMeasures(Gateway gateway) {
    this.gateway = gateway;
  }

  @Override
  public Map<String, UpstreamConnections> upstreamConnections() {
    Map<String, UpstreamConnections> found = new HashMap<>();
    for (Upstream each : gateway.upstreams()) {
      int idle = 0;
      int open = 0;
      int pending = 0;
      for (EndpointState endpoint : each.endpoints()) {
        idle += endpoint.idleConnections();
        open += endpoint.permits().open();
        pending += endpoint.permits().pending();
      }
      found.put(each.name(), new UpstreamConnections(Math.max(0, open - idle), idle, pending));
    }
    return found;
  }

  @Override
  public List<DownstreamConnections> downstreamConnections() {
    List<DownstreamConnections> found = new ArrayList<>();
    for (Listener each : gateway.listeners()) {
      String name = each.settings().name();
      Optional<ListenerSettings.PassThrough> passThrough = each.settings().passThrough();
      if (passThrough.isPresent()) {
        String protocol = passThrough.get().tls() ? "tls" : "tcp";
        found.add(new DownstreamConnections(name, protocol, each.connections()));
        continue;
      }
      int http2 = each.counts().http2Connections();
      int http3 = each.counts().http3Connections();
      int http1 = Math.max(0, each.connections() - http2 - http3);
      found.add(new DownstreamConnections(name, "http1", http1));
      found.add(new DownstreamConnections(name, "http2", http2));
      found.add(new DownstreamConnections(name, "http3", http3));
    }
    return found;
  }

  @Override
  public Map<String, Integer> handshakes() {
    Map<String, Integer> found = new HashMap<>();
    for (Listener each : gateway.listeners()) {
      if (each.settings().tls().isPresent()) {
        found.put(each.settings().name(), each.counts().handshakes());
      }
    }
    return found;
  }

  @Override
  public List<DownstreamAbuses> downstreamAbuses() {
    List<DownstreamAbuses> found = new ArrayList<>();
    for (Listener each : gateway.listeners()) {
      for (Abuse kind : Abuse.values()) {
        found.add(
            new DownstreamAbuses(each.settings().name(), kind.label(), each.counts().abuses(kind)));
      }
    }
    return found;
  }

  @Override
  public List<EarlyRequests> earlyRequests() {
    List<EarlyRequests> found = new ArrayList<>();
    for (Listener each : gateway.listeners()) {
      if (each.settings().http3().earlyData()) {
        String name = each.settings().name();
        found.add(new EarlyRequests(name, "passed", each.counts().early(false)));
        found.add(new EarlyRequests(name, "held", each.counts().early(true)));
      }
    }
    return found;
  }

  @Override
  public Splicing splicing() {
    SpliceCounts counts = gateway.splices();
    Map<String, Long> fallbacks = new LinkedHashMap<>();
    for (SpliceCounts.Obstacle each : SpliceCounts.Obstacle.values()) {
      fallbacks.put(each.label(), counts.fallbacks(each));
    }
    return new Splicing(counts.bytes(), fallbacks);
  }

  @Override
  public Map<String, Integer> dnsAddresses() {
    Map<String, Integer> found = new HashMap<>();
    for (Upstream each : gateway.upstreams()) {
      int count = 0;
      for (EndpointState state : each.endpoints()) {
        Endpoint endpoint = state.endpoint();
        count +=
            endpoint.isUnix()
                ? 1
                : gateway
                    .addresses()
                    .entry(endpoint.host())
                    .map(entry -> entry.addresses().size())
                    .orElse(0);
      }
      found.put(each.name(), count);
    }
    return found;
  }

  @Override
  public Map<String, Instant> certificateExpiry() {
    return ends(CertificateWatch.Side.DOWNSTREAM);
  }

  @Override
  public Map<String, Instant> upstreamCertificateExpiry() {
    return ends(CertificateWatch.Side.UPSTREAM);
  }

  /// The first of each name counts.
  private Map<String, Instant> ends(CertificateWatch.Side side) {
    Map<String, Instant> found = new HashMap<>();
    for (CertificateWatch.InUse each : CertificateWatch.inUse(gateway)) {
      if (each.side() == side) {
        found.merge(
            each.name(),
            each.certificate().getNotAfter().toInstant(),
            (a, b) -> a.isBefore(b) ? a : b);
      }
    }
    return found;
  }

  @Override
  public List<CertificateWarning> certificateWarnings() {
    CertificateWarnings warnings = gateway.settings().certificateWarnings();
    Instant now = Instant.now();
    Map<String, CertificateWarning> found = new HashMap<>();
    for (CertificateWatch.InUse each : CertificateWatch.inUse(gateway)) {
      CertificateWarning warning =
          new CertificateWarning(
              each.side().label(), each.name(), warnings.due(each.certificate(), now));
      found.merge(
          each.side().label() + " " + each.name(), warning, (a, b) -> a.due() > b.due() ? a : b);
    }
    return List.copyOf(found.values());
  }

  @Override
  public Map<String, Instant> stapleExpiry() {
    Map<String, Instant> found = new HashMap<>();
    for (CertificateWatch.InUse each : CertificateWatch.inUse(gateway)) {
      if (each.side() == CertificateWatch.Side.DOWNSTREAM) {
        gateway
            .staples()
            .status(each.certificate())
            .ifPresent(status -> found.put(each.name(), status.stapledUntil()));
      }
    }
    return found;
  }

  @Override
  public Map<String, Integer> acmeFailures() {
    Map<String, Integer> found = new HashMap<>();
    for (CertificateStatus each : gateway.certificates().status()) {
      found.put(each.names().getFirst(), each.failures());
    }
    return found;
  }

  @Override
  public Map<String, Integer> openIncidents() {
    Map<String, Integer> found = new HashMap<>();
    IncidentBook incidents = gateway.explanations().incidents();
    for (Upstream each : gateway.upstreams()) {
      found.put(each.name(), incidents.openCount(each.name()));
    }
    incidents.ofOwnCertificates().forEach(each -> found.merge(each.upstream(), 1, Integer::sum));
    return found;
  }

  /// What is held of the addresses of an endpoint.
  static Optional<AddressEntry> addressesOf(Gateway gateway, Endpoint endpoint) {
    return endpoint.isUnix() ? Optional.empty() : gateway.addresses().entry(endpoint.host());
  }
}
