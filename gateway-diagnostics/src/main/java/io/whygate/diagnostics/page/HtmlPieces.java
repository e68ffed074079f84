package io.whygate.diagnostics.page;

import io.whygate.diagnostics.verdict.StepReport;
import io.whygate.diagnostics.verdict.StepState;
import java.time.Duration;

/// The pieces of the page for people, in one language and one look. Immutable.
final class HtmlPieces {
  private static final long SHORTEST_REFRESH = 10;
  private static final long LONGEST_REFRESH = 60;

  private final Texts texts;
  private final Branding branding;
  private final String picture;
  private final Look look;

  HtmlPieces(Texts texts, Branding branding, Look look) {
    this.texts = texts;
    this.branding = branding;
    this.picture = Picture.svg(texts.language().isRightToLeft());
    this.look = look;
  }

  /// The content of the style element.
  String style() {
    return look.style();
  }

  /// The content of the script element.
  String script() {
    return look.script();
  }

  /// What stands in the tag of the root element: by it programs know the page, and the script what
  /// to do.
  void attributes(Html out, View view) {
    Language language = texts.language();
    out.raw("lang=\"")
        .raw(language.tag())
        .raw(language.isRightToLeft() ? "\" dir=\"rtl" : "\" dir=\"ltr")
        .raw("\" data-cause=\"")
        .raw(view.cause().code())
        .raw("\" data-incident=\"")
        .text(view.incident())
        .raw("\" data-repeat=\"")
        .raw(view.repeatable() ? "yes" : "no")
        .raw("\"");
  }

  /// Lets the page try again by itself where there are no scripts; a form never.
  void refresh(Html out, View view) {
    if (view.repeatable()) {
      out.raw("<noscript><meta http-equiv=\"refresh\" content=\"")
          .raw(Long.toString(refreshSeconds(view)))
          .raw("\"></noscript>\n");
    }
  }

  /// The operator's logo, where there is one.
  void logo(Html out) {
    if (!branding.logo().isEmpty()) {
      out.raw("<img src=\"").text(branding.logo()).raw("\" alt=\"\" height=\"32\">");
    }
  }

  private static long refreshSeconds(View view) {
    return Math.clamp(view.retryAfterSeconds(), SHORTEST_REFRESH, LONGEST_REFRESH);
  }

  void brand(Html out) {
    if (branding.title().isEmpty() && branding.logo().isEmpty()) {
      return;
    }
    out.raw("<header class=\"brand\">");
    logo(out);
    out.raw("<span>").text(branding.title()).raw("</span></header>\n");
  }

  /// You, the gateway, the site's server, and what is broken between them.
  void picture(Html out, View view) {
    Side side = Side.of(view.cause());
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
  void live(Html out, View view) {
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
  void glance(Html out, View view) {
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

  void checks(Html out, View view) {
    out.raw("<section aria-labelledby=\"checks\"><h2 id=\"checks\">")
        .text(texts.get("page.checks"))
        .raw("</h2>\n<ol class=\"checks\"");
    for (StepState state : StepState.values()) {
      said(out, state.code(), "state." + state.code());
    }
    said(out, "checking", "page.checking");
    out.raw(">\n");
    for (StepReport step : view.steps()) {
      boolean isChecking = view.unfinished().contains(step.step());
      out.raw("<li data-step=\"")
          .raw(step.step().code())
          .raw("\" data-state=\"")
          .raw(step.state().code())
          .raw(isChecking ? "\" data-checking=\"" : "")
          .raw("\"><span class=\"mark\" aria-hidden=\"true\"></span><div><b>")
          .text(texts.get("step." + step.step().code()))
          .raw("</b> <i>")
          .text(texts.state(step))
          .raw("</i> <em>")
          .text(isChecking ? texts.get("page.checking") : "")
          .raw("</em><p>")
          .text(texts.finding(step, view.cause()))
          .raw("</p></div></li>\n");
    }
    out.raw("</ol></section>\n");
  }

  void footer(Html out, View view) {
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
}
