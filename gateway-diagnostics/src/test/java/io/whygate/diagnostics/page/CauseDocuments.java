package io.whygate.diagnostics.page;

import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Step;
import io.whygate.diagnostics.verdict.Verdict;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;

/// The pages of `docs/causes`, made from the texts that people are shown.
final class CauseDocuments {
  private static final Path HOW = Path.of("src/test/resources/causes.properties");

  /// Special cases that have steps of their own, and where they hold.
  private static final Map<String, String> VARIANTS =
      new TreeMap<>(
          Map.of(
              "own", "the gateway’s own machine",
              "opening", "the PROXY protocol",
              "heap", "the gateway’s heap",
              "socket", "a Unix socket",
              "forgotten", "an idle connection alone",
              "tracking", "the system’s table of connections"));

  private final Texts texts = Texts.of(Language.ENGLISH, Map.of());
  private final FixSteps fixSteps = new FixSteps();
  private final Properties how = new Properties();

  CauseDocuments() throws IOException {
    try (Reader reader = Files.newBufferedReader(HOW, StandardCharsets.UTF_8)) {
      how.load(reader);
    }
  }

  /// How each cause is found, by code.
  Properties how() {
    return how;
  }

  /// Every document by its file name.
  Map<String, String> all() {
    Map<String, String> documents = new TreeMap<>();
    documents.put("README.md", table());
    for (Cause cause : Cause.values()) {
      documents.put(cause.code() + ".md", document(cause));
    }
    return documents;
  }

  private String table() {
    StringBuilder out = new StringBuilder(8192);
    out.append("# Causes\n\n")
        .append(
            "What Whygate names as the reason of a failed request, in `Whygate-Cause`, in the\n")
        .append("problem document and on the page. Each has a page with how it is found, what a\n")
        .append("visitor sees and what to do.\n\n")
        .append("These pages are made from the texts of the program: change those, then run\n")
        .append("`./mvnw -pl gateway-diagnostics -am test -Dtest=CauseDocumentsTest")
        .append(" -Dsurefire.failIfNoSpecifiedTests=false -Dgolden.update=true`.\n\n")
        .append("| cause | what a visitor reads | carried by the check |\n| --- | --- | --- |\n");
    for (Cause cause : Cause.values()) {
      out.append("| [`").append(cause.code()).append("`](").append(cause.code()).append(".md) | ");
      out.append(texts.title(cause)).append(" | ");
      out.append(cause.step().map(CauseDocuments::code).orElse("none")).append(" |\n");
    }
    return out.toString();
  }

  private static String code(Step step) {
    return "`" + step.code() + "`";
  }

  private String document(Cause cause) {
    StringBuilder out = new StringBuilder(2048);
    String prefix = "cause." + cause.code() + ".";
    out.append("# `").append(cause.code()).append("`\n\n");
    out.append(places(texts.get(prefix + "why"))).append("\n\n");
    out.append("## How it is found, and told from what looks the same\n\n");
    out.append(Objects.requireNonNull(how.getProperty(cause.code()), cause.code())).append("\n\n");
    out.append(carriedBy(cause));
    out.append("\n\n## What a visitor sees\n\n");
    out.append("> **").append(texts.title(cause)).append("**\n>\n");
    out.append("> ").append(texts.detail(cause)).append('\n');
    out.append("> ").append(texts.advice(cause)).append("\n>\n");
    out.append("> ").append(texts.get("page.side")).append(": ");
    out.append(texts.get("side." + Side.of(cause).code())).append("\n\n");
    out.append("## What to do\n\n");
    steps(out, fixSteps.of(cause, texts));
    VARIANTS.forEach((variant, where) -> {
      String why = prefix + variant + ".why";
      if (texts.find(why).isPresent()) {
        out.append("\n### Where it is ").append(where).append("\n\n");
        out.append(places(texts.get(why))).append("\n\n");
        steps(out, fixSteps.of(cause, texts, Map.of(Verdict.VARIANT, variant)));
      }
    });
    return out.append("\n[All causes](README.md)\n").toString();
  }

  private static void steps(StringBuilder out, List<FixSteps.FixStep> steps) {
    for (FixSteps.FixStep step : steps) {
      out.append(step.number()).append(". ").append(places(step.text())).append('\n');
      if (!step.command().isEmpty()) {
        out.append("\n   ```sh\n   ").append(step.command()).append("\n   ```\n");
      }
    }
  }

  private static String carriedBy(Cause cause) {
    if (cause.step().isEmpty()) {
      return "No check carries it: those that could not tell say so.";
    }
    boolean maybeLogged =
        cause.category().equals("application") || cause.category().equals("server");
    return "It is carried by the check "
        + code(cause.step().get())
        + (maybeLogged ? ", or by `logs` where a line of the server’s log named it." : ".");
  }

  /// A text with its places written as `<name>` in code, as Markdown would take the bare ones for
  /// markup.
  private static String places(String text) {
    return text.replaceAll("[{<]([a-z][a-z-]*)[}>]", "`<$1>`");
  }
}
