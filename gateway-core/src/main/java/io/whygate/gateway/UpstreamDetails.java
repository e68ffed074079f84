package io.whygate.gateway;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.whygate.diagnostics.Survey;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.json.JsonWriter;
import io.whygate.diagnostics.memory.Recollection;
import io.whygate.diagnostics.memory.Recollection.AddressMemory;
import io.whygate.diagnostics.platform.Platform;
import io.whygate.diagnostics.probe.DnsAnswer;
import io.whygate.diagnostics.probe.Finding.Handshaken;
import io.whygate.diagnostics.probe.Finding.Looked;
import io.whygate.gateway.address.AddressEntry;
import io.whygate.gateway.upstream.Upstream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Looks at an upstream more closely, for operators: DNS from every side, certificates, what is
/// normal. What was seen is shared for some seconds.
final class UpstreamDetails {
  private static final Duration SHARED = Duration.ofSeconds(10);
  private static final int KEPT = 200;
  private static final int ENDPOINTS = 20;

  private final Gateway gateway;
  private final Survey survey = new Survey();
  private final Cache<Endpoint, Survey.Seen> seen =
      Caffeine.newBuilder().maximumSize(KEPT).expireAfterWrite(SHARED).build();

  UpstreamDetails(Gateway gateway) {
    this.gateway = gateway;
  }

  String of(Upstream upstream) {
    JsonWriter json = new JsonWriter().object().member("name", upstream.name());
    json.name("endpoints").array();
    upstream.endpoints().stream()
        .limit(ENDPOINTS)
        .forEach(each -> endpoint(json, upstream, each.endpoint()));
    return json.end().end().toString();
  }

  private void endpoint(JsonWriter json, Upstream upstream, Endpoint endpoint) {
    json.object().member("url", endpoint.url());
    normals(json, endpoint);
    if (!endpoint.isUnix()) {
      Optional<AddressEntry> entry = gateway.addresses().entry(endpoint.host());
      List<InetAddress> inUse = entry.map(AddressEntry::addresses).orElse(List.of());
      Survey.Seen found =
          seen.get(
              endpoint, each -> survey.of(gateway.explanations().factsOf(upstream), each, inUse));
      names(json, endpoint, entry, found);
      certificates(json, found.shown());
    }
    json.end();
  }

  private static void names(
      JsonWriter json, Endpoint endpoint, Optional<AddressEntry> entry, Survey.Seen found) {
    json.name("dns")
        .object()
        .member("name", endpoint.host())
        .member("zone", found.zone())
        .member("at", found.at());
    entry.ifPresent(held -> {
      json.name("in_use")
          .object()
          .member("source", held.origin().name().toLowerCase(Locale.ROOT).replace('_', '-'));
      if (held.origin().isByDns()) {
        json.member("valid_until", Instant.now().plus(held.left()));
      }
      json.name("addresses").array();
      held.addresses().forEach(address -> json.value(address.getHostAddress()));
      json.end().name("aliases").array();
      held.aliases().forEach(json::value);
      json.end().end();
    });
    json.name("answers").array();
    for (Looked looked : found.answers()) {
      answer(json, looked, found.at());
    }
    json.end().end();
  }

  private static void answer(JsonWriter json, Looked looked, Instant at) {
    DnsAnswer answer = looked.better();
    json.object()
        .member("server", text(looked.server()))
        .member("role", looked.role().name().toLowerCase(Locale.ROOT))
        .member("name", looked.name())
        .member("answer", answer.describe());
    json.name("addresses").array();
    looked.addresses().forEach(address -> json.value(address.getHostAddress()));
    json.end();
    if (answer.ttlSeconds() >= 0) {
      json.member("ttl_s", answer.ttlSeconds())
          .member("valid_until", at.plusSeconds(answer.ttlSeconds()));
    }
    json.end();
  }

  private static String text(InetSocketAddress server) {
    String host = server.getAddress().getHostAddress();
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + server.getPort();
  }

  private static void certificates(JsonWriter json, List<Handshaken> shown) {
    json.name("certificates").array();
    for (Handshaken each : shown) {
      json.object()
          .member("address", each.target().getAddress().getHostAddress())
          .member("server_name", each.serverName())
          .member("protocol", each.protocol())
          .member("failure", each.failure());
      json.name("chain").array();
      each.chain()
          .forEach(certificate -> {
            json.object();
            CertificateDocument.write(json, certificate);
            json.end();
          });
      json.end().end();
    }
    json.end();
  }

  private void normals(JsonWriter json, Endpoint endpoint) {
    Recollection known = gateway.explanations().memory().recall(endpoint, "/");
    json.name("normal").object().member("answers_last_minute", known.successes());
    known.failingSince().ifPresent(since -> json.member("failing_since", since));
    if (known.habits().idleCloseMillis() >= 0) {
      json.member("idle_close_ms", known.habits().idleCloseMillis());
    }
    if (known.habits().largestHeader() >= 0) {
      json.member("largest_header_bytes", known.habits().largestHeader());
    }
    known
        .habits()
        .name()
        .ifPresent(name ->
            json.member("addresses_take_turns", name.takesTurns())
                .member("longest_ttl_s", name.longestTtlSeconds()));
    json.name("platforms").array();
    gateway.explanations().memory().platforms(endpoint).stream()
        .map(Platform::id)
        .sorted()
        .forEach(json::value);
    json.end().name("addresses").array();
    for (Map.Entry<InetAddress, AddressMemory> each : known.addresses().entrySet()) {
      address(json, each.getKey(), each.getValue());
    }
    json.end().end();
  }

  private static void address(JsonWriter json, InetAddress address, AddressMemory memory) {
    json.object()
        .member("address", address.getHostAddress())
        .member("first_seen", memory.firstSeen())
        .member("last_seen", memory.lastSeen());
    if (memory.roundTripMicros() >= 0) {
      json.member("round_trip_ms", memory.roundTripMicros() / 1e3);
    }
    if (memory.firstByteMicros() >= 0) {
      json.member("first_byte_ms", memory.firstByteMicros() / 1e3);
    }
    json.end();
  }
}
