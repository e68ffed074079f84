package io.whygate.diagnostics.page;

import io.whygate.diagnostics.verdict.StepReport;
import io.whygate.diagnostics.verdict.StepState;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;

/// The explanation for people: one self-contained document, in one language and one look.
///
/// It needs no script; with one, it watches the incident and opens the wanted page when the site
/// answers again. Immutable.
final class HtmlPage {
  private static final long SHORTEST_REFRESH = 10;
  private static final long LONGEST_REFRESH = 60;

  private final Texts texts;
  private final Branding branding;
  private final String picture;
  private final String style;
  private final String script;
  private final String contentSecurityPolicy;

  HtmlPage(Texts texts, Branding branding) {
    this.texts = texts;
    this.branding = branding;
    this.picture = Picture.svg(texts.language().isRightToLeft());
    this.style =
        Minified.css(
            Resources.read("page.css")
                .replace("#accent", branding.colour())
                .replace("#on-accent", new Colour(branding.colour()).legibleOn().css())
                .replace("#dark-accent", branding.darkColour())
                .replace("#on-dark-accent", new Colour(branding.darkColour()).legibleOn().css()));
    this.script = Minified.js(Resources.read("page.js"));
    this.contentSecurityPolicy = policy(hash(style), hash(script), branding.frameAncestors());
  }

  private static String policy(String style, String script, List<String> ancestors) {
    return "default-src 'none'; style-src "
        + style
        + "; script-src "
        + script
        + "; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none';"
        + " frame-ancestors "
        + (ancestors.isEmpty() ? "'none'" : String.join(" ", ancestors));
  }

  /// The policy (CSP level 3) under which the document works: nothing but its own style and script,
  /// by their hashes, and the incident's state from the gateway itself.
  String contentSecurityPolicy() {
    return contentSecurityPolicy;
  }

  /// The document.
  String of(View view) {
    return of(view, true);
  }

  /// The document as it looks, without the script that watches an incident.
  String still(View view) {
    return of(view, false);
  }

  private String of(View view, boolean watching) {
    Html out = new Html(20 * 1024);
    String title = texts.title(view.cause());
    Language language = texts.language();
    out.raw("<!doctype html>\n<html lang=\"")
        .raw(language.tag())
        .raw(language.isRightToLeft() ? "\" dir=\"rtl" : "\" dir=\"ltr")
        .raw("\" data-cause=\"")
        .raw(view.cause().code())
        .raw("\" data-incident=\"")
        .text(view.incident())
        .raw("\" data-repeat=\"")
        .raw(view.repeatable() ? "yes" : "no")
        .raw("\">\n<head>\n<meta charset=\"utf-8\">\n")
        .raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .raw("<meta name=\"robots\" content=\"noindex\">\n")
        .raw("<link rel=\"icon\" href=\"data:,\">\n<title>")
        .text(title)
        .raw("</title>\n");
    if (view.repeatable() && watching) {
      out.raw("<noscript><meta http-equiv=\"refresh\" content=\"")
          .raw(Long.toString(refreshSeconds(view)))
          .raw("\"></noscript>\n");
    }
    out.raw("<style>").raw(style).raw("</style>\n</head>\n<body>\n");
    brand(out);
    out.raw("<main>\n");
    picture(out, Side.of(view.cause()));
    out.raw("<div aria-live=\"polite\"><h1 id=\"title\">")
        .text(title)
        .raw("</h1>\n<p class=\"lead\" id=\"detail\">");
    out.text(ProblemDocument.detail(view, texts)).raw("</p></div>\n");
    live(out, view);
    glance(out, view);
    checks(out, view);
    new ContactSection(texts).write(out, view);
    out.raw("</main>\n");
    footer(out, view);
    if (watching) {
      out.raw("<script>").raw(script).raw("</script>\n");
    }
    return out.raw("</body>\n</html>\n").toString();
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
    out.raw("<div class=\"way\" id=\"way\" role=\"img\" data-side=\"")
        .raw(side.code())
        .raw("\" aria-label=\"")
        .text(texts.get("picture.broken." + side.code()))
        .raw("\">")
        .raw(picture)
        .raw("<div class=\"names\"><span>")
        .text(texts.get("picture.you"))
        .raw("</span><span class=\"tg\">")
        .text(texts.get("picture.gateway"))
        .raw("</span><span class=\"ts\">")
        .text(texts.get("picture.server"))
        .raw("</span></div></div>\n");
  }

  /// What the page itself is doing, changed by the script and read out by screen readers.
  private void live(Html out, View view) {
    String kind = view.repeatable() ? "page" : "form";
    String refresh = texts.duration(Duration.ofSeconds(refreshSeconds(view)));
    out.raw("<div class=\"live\"><p id=\"live\" role=\"status\"");
    said(out, "watch", "live.watch." + kind);
    said(out, "back", "live.back." + kind);
    said(out, "lost", "live.lost");
    if (view.repeatable()) {
      said(out, "turn", "live.turn");
      said(out, "stop", "live.stop");
    }
    out.raw(">")
        .text(texts.fill("live.plain." + kind, "wait", refresh))
        .raw("</p><a class=\"button\" id=\"again\" href=\"\">")
        .text(texts.get("live.again." + kind))
        .raw("</a>");
    if (!view.repeatable()) {
      out.raw("<button class=\"button quiet\" id=\"return\" hidden>")
          .text(texts.get("page.return"))
          .raw("</button>");
    }
    out.raw("</div>\n");
  }

  private void said(Html out, String when, String key) {
    out.raw(" data-").raw(when).raw("=\"").text(texts.get(key)).raw("\"");
  }

  /// What a person wants to know first: for who sent something, whether it was lost.
  private void glance(Html out, View view) {
    out.raw("<dl class=\"glance\">");
    if (view.repeatable()) {
      side(out, view);
      lost(out, view);
    } else {
      lost(out, view);
      side(out, view);
    }
    next(out, view);
    fact(out, "advice", texts.advice(view.cause()), "");
    out.raw("</dl>\n");
  }

  private void side(Html out, View view) {
    fact(out, "side", texts.get("side." + Side.of(view.cause()).code()), "");
  }

  private void lost(Html out, View view) {
    String processed = " data-processed=\"" + view.processed().code() + "\"";
    fact(out, "lost", ProblemDocument.lost(view, texts), processed);
  }

  /// A time of day is marked as one, so that the script can show it in the reader's own zone.
  private void next(Html out, View view) {
    String text = ProblemDocument.next(view, texts);
    String clock = view.expected().map(Texts::clock).orElse("");
    int at = clock.isEmpty() ? -1 : text.indexOf(clock);
    if (at < 0) {
      fact(out, "next", text, "");
      return;
    }
    out.raw("<div><dt>").text(texts.get("page.next")).raw("</dt><dd id=\"next\">");
    out.text(text.substring(0, at))
        .raw("<time data-short datetime=\"")
        .raw(view.expected().orElseThrow().toString())
        .raw("\">")
        .text(clock)
        .raw("</time>")
        .text(text.substring(at + clock.length()))
        .raw("</dd></div>");
  }

  private void fact(Html out, String name, String value, String attribute) {
    out.raw("<div")
        .raw(attribute)
        .raw("><dt>")
        .text(texts.get("page." + name))
        .raw("</dt><dd id=\"");
    out.raw(name).raw("\">").text(value).raw("</dd></div>");
  }

  private void checks(Html out, View view) {
    out.raw("<section aria-labelledby=\"checks\"><h2 id=\"checks\">")
        .text(texts.get("page.checks"))
        .raw("</h2>\n<ol class=\"checks\"");
    for (StepState state : StepState.values()) {
      said(out, state.code(), "state." + state.code());
    }
    out.raw(">\n");
    for (StepReport step : view.steps()) {
      out.raw("<li data-step=\"")
          .raw(step.step().code())
          .raw("\" data-state=\"")
          .raw(step.state().code())
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
