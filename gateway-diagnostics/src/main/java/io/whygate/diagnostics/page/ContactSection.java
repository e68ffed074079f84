package io.whygate.diagnostics.page;

import io.whygate.diagnostics.facts.UpstreamFacts.Contact;
import java.util.Optional;

/// Whom a visitor may turn to, and a message with what the people in charge will ask for: as a link
/// that opens a letter, and to be copied.
final class ContactSection {
  /// Stands for the address of the page until the script puts it there.
  private static final String UNKNOWN_PAGE = "…";

  private final Texts texts;

  ContactSection(Texts texts) {
    this.texts = texts;
  }

  void write(Html out, View view) {
    Contact contact = view.contact();
    out.raw("<section aria-labelledby=\"contact\"><h2 id=\"contact\">")
        .text(texts.get("page.contact"))
        .raw("</h2>\n<p>")
        .text(texts.get(contact.isEmpty() ? "contact.none" : "contact.quote"))
        .raw("</p>\n");
    if (!contact.isEmpty()) {
      ways(out, view, contact);
    }
    message(out, view);
    out.raw("</section>\n");
  }

  private void ways(Html out, View view, Contact contact) {
    out.raw("<p class=\"who\">");
    if (!contact.name().isEmpty()) {
      out.raw("<b>").text(contact.name()).raw("</b> ");
    }
    if (!contact.email().isEmpty()) {
      out.raw("<a id=\"mail\" href=\"").text(mailto(view)).raw("\">");
      out.text(contact.email()).raw("</a> ");
    }
    if (!contact.phone().isEmpty()) {
      out.raw("<a dir=\"ltr\" href=\"tel:").text(contact.phone().replaceAll("[^0-9+]", ""));
      out.raw("\">").text(contact.phone()).raw("</a> ");
    }
    if (contact.url().startsWith("https://") || contact.url().startsWith("http://")) {
      out.raw("<a href=\"").text(contact.url()).raw("\">").text(contact.url()).raw("</a>");
    }
    out.raw("</p>\n");
  }

  private void message(Html out, View view) {
    String message = body(view);
    int page = message.lastIndexOf(UNKNOWN_PAGE);
    out.raw("<details><summary>")
        .text(texts.get("page.message"))
        .raw("</summary><pre id=\"message\">");
    if (page < 0) {
      out.text(message);
    } else {
      out.text(message.substring(0, page))
          .raw("<span id=\"url\">" + UNKNOWN_PAGE + "</span>")
          .text(message.substring(page + UNKNOWN_PAGE.length()));
    }
    out.raw("</pre><button class=\"button quiet\" id=\"copy\" hidden data-done=\"")
        .text(texts.get("page.copied"))
        .raw("\">")
        .text(texts.get("page.copy"))
        .raw("</button></details>\n");
  }

  /// A link that opens a letter (RFC 6068).
  String mailto(View view) {
    String subject = texts.fill("mail.subject", "incident", view.incident());
    return HostMessage.mailto(view.contact().email(), subject, body(view));
  }

  /// The message to copy.
  String body(View view) {
    return Texts.fill(
        texts.get("mail.body"),
        place ->
            switch (place) {
              case "incident" -> Optional.of(view.incident());
              case "cause" -> Optional.of(view.cause().code());
              case "since" -> Optional.of(view.since().toString());
              case "title" -> Optional.of(texts.title(view.cause()));
              case "page" -> Optional.of(UNKNOWN_PAGE);
              default -> Optional.empty();
            });
  }
}
