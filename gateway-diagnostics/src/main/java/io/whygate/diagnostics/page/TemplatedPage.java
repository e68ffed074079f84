package io.whygate.diagnostics.page;

import io.whygate.diagnostics.facts.UpstreamFacts.Contact;
import java.util.Locale;

/// The page for people as an operator's template has it, in one language. Immutable.
final class TemplatedPage {
  private final PageTemplate template;
  private final Texts texts;
  private final HtmlPieces pieces;
  private final Branding branding;
  private final ContactSection contacts;

  TemplatedPage(PageTemplate template, Texts texts, HtmlPieces pieces, Branding branding) {
    this.template = template;
    this.texts = texts;
    this.pieces = pieces;
    this.branding = branding;
    this.contacts = new ContactSection(texts);
  }

  /// The document.
  ///
  /// @param watching whether it watches the incident
  String of(View view, boolean watching) {
    Html out = new Html(20 * 1024);
    for (PageTemplate.Part part : template.parts()) {
      switch (part) {
        case PageTemplate.Markup(String html) -> out.raw(html);
        case PageTemplate.Value(String name, boolean isAddress) -> {
          String value = value(name, view);
          out.text(isAddress ? address(value) : value);
        }
        case PageTemplate.Words(String key) -> out.text(texts.get(key));
        case PageTemplate.Piece(String name) -> piece(out, name, view, watching);
      }
    }
    return out.toString();
  }

  /// Where a browser may go: never to a script.
  private static String address(String value) {
    String lower = value.toLowerCase(Locale.ROOT);
    boolean goes =
        lower.startsWith("https://")
            || lower.startsWith("http://")
            || lower.startsWith("mailto:")
            || lower.matches("[+0-9(). -]*");
    return goes ? value : "#";
  }

  private String value(String name, View view) {
    Contact contact = view.contact();
    return switch (name) {
      case "title" -> texts.title(view.cause());
      case "detail" -> ProblemDocument.detail(view, texts);
      case "side" -> texts.get("side." + Side.of(view.cause()).code());
      case "lost" -> ProblemDocument.lost(view, texts);
      case "next" -> ProblemDocument.next(view, texts);
      case "advice" -> texts.advice(view.cause());
      case "since" -> view.since().toString();
      case "status" -> Integer.toString(view.status());
      case "cause" -> view.cause().code();
      case "incident" -> view.incident();
      case "language" -> texts.language().tag();
      case "direction" -> texts.language().isRightToLeft() ? "rtl" : "ltr";
      case "brand" -> branding.title();
      case "message" -> contacts.body(view);
      case "mailto" -> contact.email().isEmpty() ? "" : contacts.mailto(view);
      case "contact.name" -> contact.name();
      case "contact.email" -> contact.email();
      case "contact.phone" -> contact.phone();
      case "contact.url" -> contact.url();
      default -> throw new AssertionError(name);
    };
  }

  private void piece(Html out, String name, View view, boolean watching) {
    switch (name) {
      case "attributes" -> pieces.attributes(out, view);
      case "style" -> out.raw("<style>").raw(pieces.style()).raw("</style>");
      case "logo" -> pieces.logo(out);
      case "picture" -> pieces.picture(out, view);
      case "live" -> pieces.live(out, view);
      case "glance" -> pieces.glance(out, view);
      case "checks" -> pieces.checks(out, view);
      case "contact" -> contacts.write(out, view);
      case "refresh" -> {
        if (watching) {
          pieces.refresh(out, view);
        }
      }
      case "script" -> {
        if (watching) {
          out.raw("<script>").raw(pieces.script()).raw("</script>");
        }
      }
      default -> throw new AssertionError(name);
    }
  }
}
