package io.whygate.gateway.admin;

import io.netty.handler.codec.http.HttpMethod;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.function.Supplier;

/// Knows every address of the admin interface.
final class AdminApi {
  private static final List<String> READ = List.of("GET", "HEAD");
  private static final List<String> CHANGE = List.of("POST");

  private final Operations operations;
  private final MetricsPage metrics;
  private final Console console = new Console();
  private final IncidentApi incidents;
  private final ReplayApi replays;
  private final UpstreamApi upstreams;
  private final ConfigApi config;
  private final TrafficApi traffic;
  private final PreviewPage preview;
  private final NotificationApi notifications;

  AdminApi(Operations operations, TrafficApi traffic, PrometheusRegistry registry) {
    this.traffic = traffic;
    this.operations = operations;
    this.metrics = new MetricsPage(registry);
    this.incidents = new IncidentApi(operations);
    this.replays = new ReplayApi(operations);
    this.upstreams = new UpstreamApi(operations);
    this.config = new ConfigApi(operations);
    this.preview = new PreviewPage(operations);
    this.notifications = new NotificationApi(operations);
  }

  Answer answer(Request request) {
    List<String> path = request.path();
    if (path.isEmpty()) {
      return read(request, console::page);
    }
    return switch (path.getFirst()) {
      case Console.FOLDER -> read(request, () -> console.file(path));
      case "api" -> api(request, path.subList(1, path.size()));
      default -> path.size() == 1 ? page(request, path.getFirst()) : unknown();
    };
  }

  private Answer page(Request request, String name) {
    return switch (name) {
      case "metrics" -> read(request, () -> metrics.get(request));
      case "healthz" -> read(request, () -> Answer.of(200, "text/plain; charset=utf-8", "ok\n"));
      case "readyz" -> read(request, this::readiness);
      case "preview" -> read(request, () -> preview.get(request));
      default -> unknown();
    };
  }

  private Answer readiness() {
    boolean ready = operations.isReady();
    return Answer.of(
        ready ? 200 : 503, "text/plain; charset=utf-8", ready ? "ready\n" : "not ready\n");
  }

  private Answer api(Request request, List<String> path) {
    return switch (path.isEmpty() ? "" : path.getFirst()) {
      case "incidents" ->
          switch (path.size()) {
            case 1 -> read(request, () -> incidents.list(request));
            case 2 -> read(request, () -> incidents.one(path.get(1)));
            case 3 ->
                path.get(2).equals("replay")
                    ? change(request, () -> replays.answer(request, path.get(1)))
                    : unknown();
            default -> unknown();
          };
      case "upstreams" ->
          switch (path.size()) {
            case 1 -> read(request, upstreams::list);
            case 2 -> read(request, () -> upstreams.detail(path.get(1)));
            case 3 ->
                path.get(2).equals("maintenance")
                    ? change(request, () -> upstreams.maintain(request, path.get(1)))
                    : unknown();
            case 5 -> endpoint(request, path);
            default -> unknown();
          };
      case "config" ->
          switch (path.size()) {
            case 1 -> read(request, config::show);
            case 2 ->
                switch (path.get(1)) {
                  case "reload" -> change(request, config::reload);
                  case "reloads" -> read(request, config::reloads);
                  default -> unknown();
                };
            default -> unknown();
          };
      case "diagnose" ->
          path.size() == 1 ? change(request, () -> upstreams.diagnose(request)) : unknown();
      case "traffic" -> path.size() == 1 ? read(request, traffic::list) : unknown();
      case "notifications" -> path.size() == 1 ? read(request, notifications::list) : unknown();
      case "certificates" ->
          path.size() == 1
              ? read(request, () -> Answer.json(200, operations.certificates()))
              : unknown();
      case "events" ->
          path.size() == 1 ? read(request, () -> new Answer.Events(() -> true)) : unknown();
      default -> unknown();
    };
  }

  private Answer endpoint(Request request, List<String> path) {
    if (!path.get(2).equals("endpoints")) {
      return unknown();
    }
    return switch (path.get(4)) {
      case "drain" -> change(request, () -> upstreams.drain(path.get(1), path.get(3), true));
      case "undrain" -> change(request, () -> upstreams.drain(path.get(1), path.get(3), false));
      default -> unknown();
    };
  }

  private static Answer unknown() {
    return Answer.notFound("There is nothing at this address.");
  }

  private static Answer read(Request request, Supplier<Answer> answer) {
    return request.isRead() ? answer.get() : Answer.notAllowed(READ);
  }

  private static Answer change(Request request, Supplier<Answer> answer) {
    return request.method().equals(HttpMethod.POST) ? answer.get() : Answer.notAllowed(CHANGE);
  }
}
