package io.whygate.gateway.admin;

import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.page.Form;
import io.whygate.diagnostics.page.Language;
import io.whygate.diagnostics.page.Page;
import io.whygate.diagnostics.verdict.Cause;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// `/preview`: what visitors would see of each cause, in each language and form.
///
/// Parameters: `cause`, a code; `language`, a tag; `form` (`html`, `problem`, `markdown`, `text`,
/// `tiny`, `grpc`); `request` (`page`, or `form` for one that was sent); `processed`. Without a
/// cause there is a list of all.
final class PreviewPage {
  private static final Map<String, String> HEADERS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self';"
              + " frame-ancestors 'none'");

  private final Operations operations;

  PreviewPage(Operations operations) {
    this.operations = operations;
  }

  Answer get(Request request) {
    Map<String, String> query = request.query();
    String tag = query.getOrDefault("language", "en");
    Optional<Language> language =
        operations.languages().stream()
            .filter(each -> each.tag().equalsIgnoreCase(tag))
            .findFirst();
    if (language.isEmpty()) {
      return wrong("language", tag, tags());
    }
    String code = query.getOrDefault("cause", "");
    if (code.isEmpty()) {
      return list(language.get());
    }
    Optional<Cause> cause = Cause.ofCode(code);
    if (cause.isEmpty()) {
      return wrong("cause", code, "one that /preview lists");
    }
    String wanted = query.getOrDefault("form", "html");
    Optional<Form> form = choice(Form.values(), wanted);
    if (form.isEmpty()) {
      return wrong("form", wanted, codes(Form.values()));
    }
    boolean sent = query.getOrDefault("request", "page").equals("form");
    String said = query.getOrDefault("processed", sent ? "unknown" : "not_sent");
    Optional<RequestProcessed> processed = choice(RequestProcessed.values(), said);
    return processed.isEmpty()
        ? wrong("processed", said, codes(RequestProcessed.values()))
        : document(
            operations.preview(cause.get(), language.get(), form.get(), !sent, processed.get()));
  }

  private static Answer document(Page page) {
    Map<String, String> headers =
        page.headers().stream()
            .filter(each -> !each.name().equals("Content-Type"))
            .collect(Collectors.toMap(Page.Field::name, Page.Field::value));
    return new Answer.Document(page.status(), page.header("Content-Type"), page.body(), headers);
  }

  private Answer list(Language chosen) {
    StringBuilder html = new StringBuilder(16 * 1024);
    html.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
        .append("<title>What visitors see</title>")
        .append("<link rel=\"stylesheet\" href=\"/console/console.css\"></head><body><main>")
        .append("<p><a href=\"/\">Console</a></p><h1>What visitors see</h1><p>Language: ");
    for (Language each : operations.languages()) {
      html.append(
          each.equals(chosen)
              ? "<b>" + each.tag() + "</b> "
              : "<a href=\"/preview?language=" + each.tag() + "\">" + each.tag() + "</a> ");
    }
    html.append("</p>");
    for (String warning : operations.pageWarnings()) {
      html.append("<p class=\"wrong\">").append(escaped(warning)).append("</p>");
    }
    for (Map.Entry<String, List<Cause>> each : byCategory().entrySet()) {
      html.append("<section class=\"panel\"><h2>").append(each.getKey()).append("</h2>");
      html.append("<ul class=\"previews\">\n");
      each.getValue().forEach(cause -> html.append(item(cause, chosen)));
      html.append("</ul></section>\n");
    }
    html.append("</main></body></html>\n");
    return new Answer.Document(
        200, "text/html; charset=utf-8", html.toString().getBytes(StandardCharsets.UTF_8), HEADERS);
  }

  private static Map<String, List<Cause>> byCategory() {
    return Arrays.stream(Cause.values())
        .collect(Collectors.groupingBy(Cause::category, LinkedHashMap::new, Collectors.toList()));
  }

  private static String item(Cause cause, Language language) {
    String link = "/preview?cause=" + cause.code() + "&amp;language=" + language.tag();
    return "<li><a href=\""
        + link
        + "\"><code>"
        + cause.code()
        + "</code></a> "
        + "<span class=\"quiet\"><a href=\""
        + link
        + "&amp;request=form\">a form</a> "
        + "<a href=\""
        + link
        + "&amp;form=problem\">problem</a> "
        + "<a href=\""
        + link
        + "&amp;form=markdown\">markdown</a> "
        + "<a href=\""
        + link
        + "&amp;form=text\">text</a></span></li>\n";
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private String tags() {
    return operations.languages().stream().map(Language::tag).collect(Collectors.joining(", "));
  }

  private static <E extends Enum<E>> Optional<E> choice(E[] all, String code) {
    return Arrays.stream(all)
        .filter(each -> each.name().equals(code.toUpperCase(Locale.ROOT).replace('-', '_')))
        .findFirst();
  }

  private static <E extends Enum<E>> String codes(E[] all) {
    return List.of(all).stream()
        .map(each -> each.name().toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(", "));
  }

  private static Answer wrong(String name, String found, String expected) {
    return Answer.problem(
        400, "Bad request", name + ": " + found + " (expected: " + expected + ")");
  }
}
