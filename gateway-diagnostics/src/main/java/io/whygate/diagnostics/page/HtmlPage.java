package io.whygate.diagnostics.page;

import io.whygate.diagnostics.facts.UpstreamFacts.Contact;
import io.whygate.diagnostics.verdict.StepReport;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;

/// The explanation for people: one self-contained document, in one language and one look.
///
/// It needs no script; with one, it watches the incident and opens the wanted page when the site
/// answers again. Immutable.
final class HtmlPage {
  private static final long SHORTEST_REFRESH = 10;
  private static final long LONGEST_REFRESH = 60;

  private final Texts texts;
  private final Branding branding;
  private final String style;
  private final String script;
  private final String contentSecurityPolicy;

  HtmlPage(Texts texts, Branding branding) {
    this.texts = texts;
    this.branding = branding;
    this.style =
        Resources.read("page.css")
            .replace("#accent", branding.colour())
            .replace("#on-accent", branding.onColour());
    this.script = Resources.read("page.js");
    this.contentSecurityPolicy =
        "default-src 'none'; style-src "
            + hash(style)
            + "; script-src "
            + hash(script)
            + "; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'";
  }

  /// The policy (CSP level 3) under which the document works: nothing but its own style and script,
  /// by their hashes, and the incident's state from the gateway itself.
  String contentSecurityPolicy() {
    return contentSecurityPolicy;
  }

  /// The document.
  String of(View view) {
    Html out = new Html(14 * 1024);
    String title = texts.title(view.cause());
    out.raw("<!doctype html>\n<html lang=\"")
        .raw(texts.language().tag())
        .raw("\" data-cause=\"")
        .raw(view.cause().code())
        .raw("\" data-incident=\"")
        .text(view.incident())
        .raw("\" data-repeat=\"")
        .raw(view.repeatable() ? "yes" : "no")
        .raw("\">\n<head>\n<meta charset=\"utf-8\">\n")
        .raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .raw("<meta name=\"robots\" content=\"noindex\">\n")
        .raw("<meta name=\"color-scheme\" content=\"light dark\">\n<title>")
        .text(title)
        .raw("</title>\n");
    if (view.repeatable()) {
      out.raw("<noscript><meta http-equiv=\"refresh\" content=\"")
          .raw(Long.toString(refreshSeconds(view)))
          .raw("\"></noscript>\n");
    }
    out.raw("<style>").raw(style).raw("</style>\n</head>\n<body>\n");
    brand(out);
    out.raw("<main>\n");
    picture(out, Side.of(view.cause()));
    out.raw("<h1>").text(title).raw("</h1>\n<p class=\"lead\" id=\"detail\">");
    out.text(ProblemDocument.detail(view, texts)).raw("</p>\n");
    live(out, view);
    glance(out, view);
    checks(out, view);
    contact(out, view);
    out.raw("</main>\n");
    footer(out, view);
    out.raw("<script>").raw(script).raw("</script>\n</body>\n</html>\n");
    return out.toString();
  }

  private static long refreshSeconds(View view) {
    return Math.clamp(view.retryAfterSeconds(), SHORTEST_REFRESH, LONGEST_REFRESH);
  }

  private void brand(Html out) {
    if (branding.title().isEmpty() && branding.logo().isEmpty()) {
      return;
    }
    out.raw("<header class=\"brand\">");
    if (!branding.logo().isEmpty()) {
      out.raw("<img src=\"").text(branding.logo()).raw("\" alt=\"\" height=\"32\">");
    }
    out.raw("<span>").text(branding.title()).raw("</span></header>\n");
  }

  /// You, the gateway, the site's server, and what is broken between them.
  private void picture(Html out, Side side) {
    out.raw("<div class=\"way\" role=\"img\" aria-label=\"")
        .text(texts.get("picture.broken." + side.code()))
        .raw("\">");
    node(
        out,
        "ok",
        "<rect x=\"4\" y=\"5\" width=\"16\" height=\"11\" rx=\"1.5\"/><path d=\"M2 19h20\"/>",
        "you");
    link(out, "ok");
    node(
        out,
        side == Side.GATEWAY ? "bad" : "ok",
        "<path d=\"M12 3l7.5 2.8v5.4c0 4.6-3 8-7.5 9.8-4.5-1.8-7.5-5.2-7.5-9.8V5.8z\"/><path d=\"M8.7 11.8l2.4 2.4 4.3-4.5\"/>",
        "gateway");
    link(
        out,
        switch (side) {
          case LINK -> "bad";
          case UNKNOWN -> "dim what";
          case SERVER -> "ok";
          case GATEWAY -> "dim";
        });
    node(
        out,
        switch (side) {
          case SERVER -> "bad";
          case LINK, UNKNOWN, GATEWAY -> "dim";
        },
        "<rect x=\"4\" y=\"4\" width=\"16\" height=\"7\" rx=\"1.5\"/><rect x=\"4\" y=\"13\" width=\"16\" height=\"7\" rx=\"1.5\"/><path d=\"M8 7.5h.01M8 16.5h.01\"/>",
        "server");
    out.raw("</div>\n");
  }

  private void node(Html out, String state, String drawing, String name) {
    out.raw("<div class=\"node ")
        .raw(state)
        .raw("\"><span class=\"disc\"><svg viewBox=\"0 0 24 24\" aria-hidden=\"true\">")
        .raw(drawing)
        .raw("</svg></span><span class=\"name\">")
        .text(texts.get("picture." + name))
        .raw("</span></div>");
  }

  private static void link(Html out, String state) {
    out.raw("<div class=\"link ").raw(state).raw("\"></div>");
  }

  /// What the page itself is doing, changed by the script and read out by screen readers.
  private void live(Html out, View view) {
    String kind = view.repeatable() ? "page" : "form";
    String refresh = texts.duration(Duration.ofSeconds(refreshSeconds(view)));
    out.raw("<div class=\"live\"><p id=\"live\" role=\"status\" data-watch=\"")
        .text(texts.get("live.watch." + kind))
        .raw("\" data-back=\"")
        .text(texts.get("live.back." + kind))
        .raw("\" data-stop=\"")
        .text(texts.get("live.stop"))
        .raw("\">")
        .text(texts.fill("live.plain." + kind, "wait", refresh))
        .raw("</p><a class=\"button\" id=\"again\" href=\"\">")
        .text(texts.get("live.again." + kind))
        .raw("</a></div>\n");
  }

  private void glance(Html out, View view) {
    out.raw("<dl class=\"glance\">");
    fact(out, "page.side", texts.get("side." + Side.of(view.cause()).code()), "");
    fact(
        out,
        "page.lost",
        ProblemDocument.lost(view, texts),
        " data-processed=\"" + view.processed().code() + "\"");
    next(out, view);
    fact(out, "page.advice", texts.advice(view.cause()), "");
    out.raw("</dl>\n");
  }

  /// A time of day is marked as one, so that the script can show it in the reader's own zone.
  private void next(Html out, View view) {
    String text = ProblemDocument.next(view, texts);
    Optional<Instant> expected = view.expected();
    if (expected.isEmpty()) {
      fact(out, "page.next", text, "");
      return;
    }
    String clock = Texts.clock(expected.get());
    int at = text.indexOf(clock);
    out.raw("<div><dt>").text(texts.get("page.next")).raw("</dt><dd>");
    if (at < 0) {
      out.text(text).raw("</dd></div>");
      return;
    }
    out.text(text.substring(0, at))
        .raw("<time data-short datetime=\"")
        .raw(expected.get().toString());
    out.raw("\">").text(clock).raw("</time>").text(text.substring(at + clock.length()));
    out.raw("</dd></div>");
  }

  private void fact(Html out, String key, String value, String attribute) {
    out.raw("<div").raw(attribute).raw("><dt>").text(texts.get(key)).raw("</dt><dd>");
    out.text(value).raw("</dd></div>");
  }

  private void checks(Html out, View view) {
    out.raw("<section aria-labelledby=\"checks\"><h2 id=\"checks\">")
        .text(texts.get("page.checks"))
        .raw("</h2>\n<ol class=\"checks\">\n");
    for (StepReport step : view.steps()) {
      String state = step.state().code();
      out.raw("<li data-step=\"")
          .raw(step.step().code())
          .raw("\" data-state=\"")
          .raw(state)
          .raw("\"><span class=\"mark\" aria-hidden=\"true\"></span><div><b>")
          .text(texts.get("step." + step.step().code()))
          .raw("</b> <i>")
          .text(texts.state(step))
          .raw("</i><p>")
          .text(texts.finding(step, view.cause()))
          .raw("</p></div></li>\n");
    }
    out.raw("</ol></section>\n");
  }

  private void contact(Html out, View view) {
    Contact contact = view.contact();
    out.raw("<section aria-labelledby=\"contact\"><h2 id=\"contact\">")
        .text(texts.get("page.contact"))
        .raw("</h2>\n<p>");
    if (contact.isEmpty()) {
      out.text(texts.get("contact.none")).raw("</p>");
    } else {
      out.text(texts.get("contact.quote")).raw("</p>\n<p class=\"who\">");
      if (!contact.name().isEmpty()) {
        out.raw("<b>").text(contact.name()).raw("</b> ");
      }
      if (!contact.email().isEmpty()) {
        out.raw("<a id=\"mail\" href=\"").text(mailto(view)).raw("\">");
        out.text(contact.email()).raw("</a> ");
      }
      if (!contact.phone().isEmpty()) {
        out.raw("<a href=\"tel:").text(contact.phone().replaceAll("[^0-9+]", "")).raw("\">");
        out.text(contact.phone()).raw("</a> ");
      }
      if (contact.url().startsWith("https://") || contact.url().startsWith("http://")) {
        out.raw("<a href=\"").text(contact.url()).raw("\">").text(contact.url()).raw("</a>");
      }
      out.raw("</p>");
    }
    out.raw("</section>\n");
  }

  /// A message with what the people in charge will ask for (RFC 6068).
  private String mailto(View view) {
    String subject = texts.fill("mail.subject", "incident", view.incident());
    String body =
        Texts.fill(
            texts.get("mail.body"),
            place ->
                switch (place) {
                  case "incident" -> Optional.of(view.incident());
                  case "cause" -> Optional.of(view.cause().code());
                  case "since" -> Optional.of(view.since().toString());
                  case "title" -> Optional.of(texts.title(view.cause()));
                  default -> Optional.empty();
                });
    return HostMessage.mailto(view.contact().email(), subject, body);
  }

  private void footer(Html out, View view) {
    out.raw("<footer><dl><div><dt>")
        .text(texts.get("page.incident"))
        .raw("</dt><dd><code>")
        .text(view.incident())
        .raw("</code></dd></div><div><dt>")
        .text(texts.get("page.cause"))
        .raw("</dt><dd><code>")
        .raw(view.cause().code())
        .raw("</code></dd></div><div><dt>")
        .text(texts.get("page.since"))
        .raw("</dt><dd><time datetime=\"")
        .raw(view.since().toString())
        .raw("\">")
        .text(Texts.clock(view.since()))
        .raw("</time></dd></div></dl></footer>\n");
  }

  private static String hash(String inline) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(inline.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
