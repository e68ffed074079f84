package io.whygate.gateway.admin;

import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.json.JsonReader;
import io.whygate.diagnostics.json.JsonReader.InvalidJsonException;
import io.whygate.diagnostics.json.JsonWriter;
import io.whygate.gateway.admin.UpstreamView.AddressView;
import io.whygate.gateway.admin.UpstreamView.EndpointView;
import io.whygate.gateway.config.UpstreamSettings;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `/api/upstreams` and `/api/diagnose`: how upstreams are, and what an operator does to them.
final class UpstreamApi {
  private static final int LONGEST_MESSAGE = 1000;

  private final Operations operations;

  UpstreamApi(Operations operations) {
    this.operations = operations;
  }

  Answer list() {
    return Answer.json(200, document(operations));
  }

  /// One upstream, looked at more closely.
  Answer detail(String upstream) {
    return operations
        .detail(upstream)
        .<Answer>map(document -> Answer.json(200, document))
        .orElseGet(() -> noSuchUpstream(upstream));
  }

  /// All upstreams as JSON.
  static String document(Operations operations) {
    JsonWriter json = new JsonWriter().object();
    json.name("upstreams").array();
    for (UpstreamView upstream : operations.upstreams()) {
      json.object().member("name", upstream.name()).member("circuit", upstream.circuit());
      upstream.maintenance().ifPresent(maintenance -> maintenance(json, maintenance));
      json.name("endpoints").array();
      upstream.endpoints().forEach(endpoint -> endpoint(json, endpoint));
      json.end().end();
    }
    return json.end().end().toString();
  }

  private static void maintenance(JsonWriter json, UpstreamFacts.Maintenance maintenance) {
    json.name("maintenance").object();
    maintenance.until().ifPresent(until -> json.member("until", until));
    json.member("message", maintenance.message()).end();
  }

  private static void endpoint(JsonWriter json, EndpointView endpoint) {
    json.object()
        .member("url", endpoint.url())
        .member("state", endpoint.state().code())
        .member("consecutive_failures", endpoint.consecutiveFailures())
        .member("outstanding", endpoint.outstanding());
    if (endpoint.ejectionLeft().isPositive()) {
      json.member("ejected_for_s", endpoint.ejectionLeft().toMillis() / 1e3);
    }
    json.name("pool")
        .object()
        .member("active", endpoint.connections())
        .member("idle", endpoint.idle())
        .member("pending", endpoint.pending())
        .end();
    endpoint
        .check()
        .ifPresent(check ->
            json.name("last_check")
                .object()
                .member("passed", check.passed())
                .member("finding", check.finding())
                .member("at", check.at())
                .end());
    json.name("addresses").array();
    for (AddressView address : endpoint.addresses()) {
      json.object().member("address", address.address()).member("source", address.source());
      address.validUntil().ifPresent(until -> json.member("valid_until", until));
      json.member("failing", address.failing()).end();
    }
    json.end().end();
  }

  Answer drain(String upstream, String url, boolean drained) {
    if (!operations.drain(upstream, url, drained)) {
      return Answer.notFound("No upstream of this name has an endpoint of this URL.");
    }
    return Answer.json(
        200,
        new JsonWriter()
            .object()
            .member("upstream", upstream)
            .member("endpoint", url)
            .member("drained", drained)
            .end()
            .toString());
  }

  Answer maintain(Request request, String upstream) {
    try {
      UpstreamSettings.Maintenance wanted = maintenance(body(request));
      if (!operations.maintain(upstream, wanted)) {
        return noSuchUpstream(upstream);
      }
      JsonWriter json = new JsonWriter().object().member("upstream", upstream);
      json.member("enabled", wanted.enabled());
      wanted.window().until().ifPresent(until -> json.member("until", until));
      return Answer.json(200, json.member("message", wanted.window().message()).end().toString());
    } catch (InvalidJsonException e) {
      return Answer.problem(400, "Bad request", String.valueOf(e.getMessage()));
    }
  }

  Answer diagnose(Request request) {
    try {
      Map<String, Object> body = body(request);
      only(body, "upstream");
      if (!(body.get("upstream") instanceof String upstream)) {
        throw new InvalidJsonException("upstream: not there (expected: an upstream's name)");
      }
      return operations
          .diagnose(upstream)
          .<Answer>map(found -> Answer.json(200, document(upstream, found)))
          .orElseGet(() -> noSuchUpstream(upstream));
    } catch (InvalidJsonException e) {
      return Answer.problem(400, "Bad request", String.valueOf(e.getMessage()));
    }
  }

  private static String document(String upstream, Operations.Examination found) {
    String beginning =
        new JsonWriter()
            .object()
            .member("upstream", upstream)
            .member("endpoint", found.endpoint())
            .member("healthy", found.healthy())
            .end()
            .toString();
    return found.healthy()
        ? beginning
        : beginning.substring(0, beginning.length() - 1)
            + ",\"diagnosis\":"
            + found.document()
            + "}";
  }

  private static Answer noSuchUpstream(String name) {
    return Answer.notFound("upstream: " + name + " (expected: one of the configuration)");
  }

  private static Map<String, Object> body(Request request) throws InvalidJsonException {
    try {
      return JsonReader.object(new String(request.body(), StandardCharsets.UTF_8));
    } catch (InvalidJsonException e) {
      throw new InvalidJsonException("body: " + e.getMessage());
    }
  }

  private static void only(Map<String, Object> body, String... known) throws InvalidJsonException {
    for (String name : body.keySet()) {
      if (!List.of(known).contains(name)) {
        throw new InvalidJsonException(
            name + ": unknown (expected: " + String.join(", ", known) + ")");
      }
    }
  }

  private static UpstreamSettings.Maintenance maintenance(Map<String, Object> body)
      throws InvalidJsonException {
    only(body, "enabled", "until", "message");
    if (!(body.get("enabled") instanceof Boolean enabled)) {
      throw new InvalidJsonException("enabled: not there (expected: true or false)");
    }
    Object message = body.getOrDefault("message", "");
    if (!(message instanceof String words) || words.length() > LONGEST_MESSAGE) {
      throw new InvalidJsonException(
          "message: too long, or none (expected: a text of " + LONGEST_MESSAGE + " characters)");
    }
    Optional<Instant> until =
        body.containsKey("until") ? Optional.of(instant(body.get("until"))) : Optional.empty();
    return new UpstreamSettings.Maintenance(enabled, new UpstreamFacts.Maintenance(until, words));
  }

  private static Instant instant(@Nullable Object value) throws InvalidJsonException {
    try {
      return OffsetDateTime.parse(String.valueOf(value)).toInstant();
    } catch (DateTimeParseException _) {
      throw new InvalidJsonException(
          "until: " + value + " (expected: RFC 3339, such as 2030-01-01T12:00:00Z)");
    }
  }
}
