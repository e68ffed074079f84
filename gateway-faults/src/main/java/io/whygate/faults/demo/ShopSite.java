package io.whygate.faults.demo;

import io.whygate.faults.http.Request;
import io.whygate.faults.http.Response;
import io.whygate.faults.http.Site;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/// Fern & Fog, a small shop with a journal and a checkout. Every server of the demo serves all of
/// it; the gateway's routes decide which part is seen from where. The pages never change, so that a
/// gateway can tell the site by them.
final class ShopSite implements Site {
  private static final String CACHEABLE = "public, max-age=3600";

  private final byte[] style = Resources.bytes("shop.css");
  private final byte[] picture = Resources.bytes("lantern.svg");
  private final ShopPages pages = new ShopPages();

  @Override
  public Response respond(Request request) throws IOException {
    return route(request).with("Server", "fern-and-fog");
  }

  private Response route(Request request) throws IOException {
    String path = request.head().path();
    String method = request.head().method();
    if (method.equals("OPTIONS")) {
      return Response.empty(204).with("Allow", "GET, HEAD, POST, OPTIONS");
    }
    if (method.equals("POST")) {
      return path.equals("/checkout") ? order(request.form()) : refused();
    }
    if (!method.equals("GET") && !method.equals("HEAD")) {
      return refused();
    }
    return switch (path) {
      case "/assets/shop.css" ->
          Response.of(200, "text/css; charset=utf-8", style).with("Cache-Control", CACHEABLE);
      case "/assets/lantern.svg", "/favicon.ico" ->
          Response.of(200, "image/svg+xml", picture).with("Cache-Control", CACHEABLE);
      case "/robots.txt" -> Response.text(200, "User-agent: *\nAllow: /\n");
      default -> page(path);
    };
  }

  private Response page(String path) {
    Optional<String> page = pages.at(path.length() > 1 ? path.replaceAll("/+$", "") : path);
    return page.map(html -> Response.html(200, html))
        .orElseGet(() -> Response.html(404, pages.notFound()))
        .with("Cache-Control", "no-cache");
  }

  private Response order(Map<String, String> form) {
    String name = form.getOrDefault("name", "").strip();
    return Response.html(200, pages.thanks(name.isEmpty() ? "friend" : name))
        .with("Cache-Control", "no-store");
  }

  private static Response refused() {
    return Response.text(405, "Method not allowed\n").with("Allow", "GET, HEAD, POST, OPTIONS");
  }
}
