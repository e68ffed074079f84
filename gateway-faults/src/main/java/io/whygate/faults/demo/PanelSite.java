package io.whygate.faults.demo;

import io.whygate.faults.http.Request;
import io.whygate.faults.http.RequestHead;
import io.whygate.faults.http.Response;
import io.whygate.faults.http.Site;
import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/// The panel's server side: shows the state, and breaks and mends by form. It answers only to its
/// own name and to forms of its own, so that no other page in the browser can press its buttons.
final class PanelSite implements Site, Closeable {
  static final String ISSUER_PATH = "/issuer.cer";

  private static final String POLICY =
      "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self';"
          + " form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

  private final Stage stage;
  private final GatewayClient gateway;
  private final PanelPage page;
  private final Set<String> names;
  private final byte[] style = Resources.bytes("panel.css");
  private final byte[] script = Resources.bytes("panel.js");
  private final byte[] picture = Resources.bytes("lantern.svg");

  PanelSite(Stage stage, DemoPorts ports, int port) {
    this.stage = stage;
    gateway = new GatewayClient(ports);
    page = new PanelPage(ports);
    names = Set.of("127.0.0.1:" + port, "localhost:" + port);
  }

  /// What the port says until the panel is complete.
  static Site notReady() {
    return _ -> Response.text(503, "The demo is starting.\n").with("Retry-After", "1");
  }

  /// Lets the gateway see the page while it is well, then breaks it.
  void breakIt(Breakage breakage) {
    stage.mend();
    gateway.visit(breakage.path());
    stage.wreck(breakage);
  }

  @Override
  public Response respond(Request request) throws IOException {
    return route(request)
        .with("Content-Security-Policy", POLICY)
        .with("X-Content-Type-Options", "nosniff")
        .with("Referrer-Policy", "same-origin");
  }

  @Override
  public void close() {
    gateway.close();
  }

  private Response route(Request request) throws IOException {
    RequestHead head = request.head();
    if (head.path().equals(ISSUER_PATH)) {
      byte[] issuer = stage.certificates().intermediate().der();
      return Response.of(200, "application/pkix-cert", issuer);
    }
    if (!names.contains(head.header("Host").orElse(""))) {
      return Response.text(421, "This is the demo's panel, under its own address only.\n");
    }
    return switch (head.method()) {
      case "GET", "HEAD" -> show(head.path());
      case "POST" -> isOwnForm(head) ? act(request) : refused();
      default -> Response.text(405, "Method not allowed\n").with("Allow", "GET, HEAD, POST");
    };
  }

  private Response show(String path) {
    return switch (path) {
      case "/" ->
          Response.html(200, page.whole(stage.broken(), gateway.incidents()))
              .with("Cache-Control", "no-store");
      case "/live" ->
          Response.html(200, page.live(stage.broken(), gateway.incidents()))
              .with("Cache-Control", "no-store");
      case "/panel.css" -> Response.of(200, "text/css; charset=utf-8", style);
      case "/panel.js" -> Response.of(200, "text/javascript; charset=utf-8", script);
      case "/lantern.svg" -> Response.of(200, "image/svg+xml", picture);
      default -> Response.text(404, "Not found\n");
    };
  }

  private Response act(Request request) throws IOException {
    return switch (request.head().path()) {
      case "/mend" -> {
        stage.mend();
        yield Response.seeOther("/");
      }
      case "/break" -> {
        String id = request.form().getOrDefault("breakage", "");
        Optional<Breakage> breakage = Breakage.of(id);
        breakage.ifPresent(this::breakIt);
        yield breakage.isPresent()
            ? Response.seeOther("/")
            : Response.text(400, "breakage: " + id + " (expected: one of the panel's)\n");
      }
      default -> Response.text(404, "Not found\n");
    };
  }

  /// Whether a form comes from the panel itself, as far as the client says where from.
  private boolean isOwnForm(RequestHead head) {
    boolean sameOrigin =
        head.header("Origin")
            .map(origin -> names.stream().anyMatch(name -> origin.equals("http://" + name)))
            .orElse(true);
    boolean sameSite =
        head.header("Sec-Fetch-Site")
            .map(site -> site.equals("same-origin") || site.equals("none"))
            .orElse(true);
    return sameOrigin && sameSite;
  }

  private static Response refused() {
    return Response.text(403, "Forms of other pages are not accepted.\n");
  }
}
