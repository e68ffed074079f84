package io.whygate.diagnostics.page;

import java.util.Optional;

/// The explanation for people: one self-contained document, in one language and one look.
///
/// It needs no script; with one, it watches the incident and opens the wanted page when the site
/// answers again. Immutable.
final class HtmlPage {
  private final Texts texts;
  private final Optional<TemplatedPage> templated;
  private final HtmlPieces pieces;
  private final Look look;

  HtmlPage(Texts texts, Branding branding, Look look) {
    this.texts = texts;
    this.look = look;
    this.pieces = new HtmlPieces(texts, branding, look);
    this.templated =
        branding.template().map(template -> new TemplatedPage(template, texts, pieces, branding));
  }

  /// The policy under which the document works.
  String contentSecurityPolicy() {
    return look.contentSecurityPolicy();
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
    return templated.map(page -> page.of(view, watching)).orElseGet(() -> builtIn(view, watching));
  }

  private String builtIn(View view, boolean watching) {
    Html out = new Html(20 * 1024);
    String title = texts.title(view.cause());
    out.raw("<!doctype html>\n<html ");
    pieces.attributes(out, view);
    out.raw(">\n<head>\n<meta charset=\"utf-8\">\n")
        .raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .raw("<meta name=\"robots\" content=\"noindex\">\n")
        .raw("<link rel=\"icon\" href=\"data:,\">\n<title>")
        .text(title)
        .raw("</title>\n");
    if (watching) {
      pieces.refresh(out, view);
    }
    out.raw("<style>").raw(pieces.style()).raw("</style>\n</head>\n<body>\n");
    pieces.brand(out);
    out.raw("<main>\n");
    pieces.picture(out, view);
    out.raw("<div aria-live=\"polite\"><h1 id=\"title\">")
        .text(title)
        .raw("</h1>\n<p class=\"lead\" id=\"detail\">");
    out.text(ProblemDocument.detail(view, texts)).raw("</p></div>\n");
    pieces.live(out, view);
    pieces.glance(out, view);
    pieces.checks(out, view);
    new ContactSection(texts).write(out, view);
    out.raw("</main>\n");
    pieces.footer(out, view);
    if (watching) {
      out.raw("<script>").raw(pieces.script()).raw("</script>\n");
    }
    return out.raw("</body>\n</html>\n").toString();
  }
}
