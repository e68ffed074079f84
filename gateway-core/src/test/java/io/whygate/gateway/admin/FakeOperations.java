package io.whygate.gateway.admin;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.json.JsonWriter;
import io.whygate.diagnostics.page.Branding;
import io.whygate.diagnostics.page.Form;
import io.whygate.diagnostics.page.Language;
import io.whygate.diagnostics.page.Page;
import io.whygate.diagnostics.page.Pages;
import io.whygate.diagnostics.page.Preview;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.gateway.config.Problem;
import io.whygate.gateway.config.UpstreamSettings;
import io.whygate.gateway.notification.ChannelStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/// A gateway that does what it is told and remembers it, as a list of sentences.
final class FakeOperations implements Operations {
  final List<String> done = new CopyOnWriteArrayList<>();
  final List<Incident> incidents = new CopyOnWriteArrayList<>();
  private final Pages pages = new Pages("whygate", Branding.NONE);
  volatile String archive = "{\"log\":{}}";
  volatile boolean ready = true;
  volatile boolean healthy = true;
  volatile Reload reload = new Applied(List.of("upstreams.shop: changed"));

  @Override
  public boolean isReady() {
    return ready;
  }

  @Override
  public List<Incident> incidents() {
    return incidents;
  }

  @Override
  public String document(Incident incident) {
    return new JsonWriter()
        .object()
        .member("incident", incident.id())
        .member("state", incident.state().code())
        .member("requests", incident.requests())
        .end()
        .toString();
  }

  @Override
  public List<Language> languages() {
    return pages.languages().all();
  }

  @Override
  public List<String> pageWarnings() {
    return List.of("gateway.conf:7: whygate.page.template: line 2: <x> (expected: a value)");
  }

  @Override
  public Page preview(
      Cause cause, Language language, Form form, boolean repeatable, RequestProcessed processed) {
    return pages.preview(
        new Preview(cause, repeatable, processed, UpstreamFacts.Contact.NONE), language, form);
  }

  @Override
  public Optional<String> archive(Incident incident) {
    return incident.requests() > 0 ? Optional.of(archive) : Optional.empty();
  }

  @Override
  public Optional<String> command(Incident incident) {
    return incident.requests() > 0 ? Optional.of("curl --head 'http://x/'\n") : Optional.empty();
  }

  @Override
  public Optional<UpstreamSettings> upstreamOf(Endpoint endpoint) {
    return Optional.empty();
  }

  @Override
  public List<UpstreamView> upstreams() {
    return List.of(
        new UpstreamView(
            "shop",
            "closed",
            Optional.of(new UpstreamFacts.Maintenance(Optional.empty(), "moving")),
            List.of(
                new UpstreamView.EndpointView(
                    "http://shop.internal:3000",
                    UpstreamView.State.EJECTED,
                    Duration.ofMillis(1500),
                    5,
                    2,
                    2,
                    1,
                    0,
                    Optional.of(
                        new UpstreamView.CheckView(
                            false, "connect-refused", Instant.parse("2030-01-01T00:00:00Z"))),
                    List.of(
                        new UpstreamView.AddressView(
                            "10.0.0.5",
                            "dns",
                            Optional.of(Instant.parse("2030-01-01T00:00:00Z")),
                            true))))));
  }

  @Override
  public Optional<String> detail(String upstream) {
    return upstream.equals("shop") ? Optional.of("{\"name\":\"shop\"}") : Optional.empty();
  }

  @Override
  public String certificates() {
    return "{\"certificates\":[]}";
  }

  @Override
  public List<ChannelStatus> channels() {
    Instant at = Instant.parse("2030-01-01T00:00:00Z");
    return List.of(
        new ChannelStatus(
            "pager",
            "webhook",
            2,
            new ChannelStatus.Counts(5, 1, 0),
            Optional.of(at),
            Optional.of(new ChannelStatus.Failure(at.plusSeconds(9), "answered 500"))));
  }

  @Override
  public List<ReloadRecord> reloads() {
    Instant at = Instant.parse("2030-01-01T00:00:00Z");
    return List.of(
        new ReloadRecord(at, "SIGHUP came", rejected()),
        new ReloadRecord(
            at.minusSeconds(60), "a file changed", new Applied(List.of("dns changed"))));
  }

  @Override
  public String configuration() {
    return "{\"whygate\":{\"name\":\"test\"}}";
  }

  @Override
  public Reload reload() {
    done.add("reload");
    return reload;
  }

  static Rejected rejected() {
    return new Rejected(
        List.of(new Problem("gateway.conf", 14, "whygate.name", "\"\"", "a token")));
  }

  @Override
  public boolean drain(String upstream, String url, boolean drained) {
    if (!upstream.equals("shop") || !url.equals("http://shop.internal:3000")) {
      return false;
    }
    done.add((drained ? "drain " : "undrain ") + url);
    return true;
  }

  @Override
  public boolean maintain(String upstream, UpstreamSettings.Maintenance maintenance) {
    if (!upstream.equals("shop")) {
      return false;
    }
    done.add("maintain " + maintenance);
    return true;
  }

  @Override
  public Optional<Examination> diagnose(String upstream) {
    return upstream.equals("shop")
        ? Optional.of(
            new Examination("http://shop.internal:3000", healthy, "{\"cause\":\"unknown\"}"))
        : Optional.empty();
  }
}
