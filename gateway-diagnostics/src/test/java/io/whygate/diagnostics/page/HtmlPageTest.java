package io.whygate.diagnostics.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.facts.UpstreamFacts.Contact;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.page.Reader.Audience;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.diagnostics.verdict.Step;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;

class HtmlPageTest {
  private static final int LARGEST = 20 * 1024;
  private static final Set<String> VOID =
      Set.of("meta", "link", "img", "rect", "path", "circle", "br");
  private static final Pattern TAG =
      Pattern.compile("<(/?)([a-z][a-z0-9]*)((?:\\s+[a-zA-Z0-9-]+(?:=\"[^\"<>]*\")?)*)\\s*(/?)>");

  @ParameterizedTest
  @EnumSource(Cause.class)
  void isOneSmallDocumentWithTheContractsMarks(Cause cause) {
    for (Language language : Language.BUILT_IN) {
      String html = html(cause, language);
      assertThat(html.getBytes(StandardCharsets.UTF_8).length).isLessThan(LARGEST);
      assertThat(html)
          .contains("<html lang=\"" + language.tag() + "\" dir=\"")
          .contains("\" data-cause=\"" + cause.code() + "\"")
          .contains("data-incident=\"k3x9p2m7q4wz\"");
      List<String> steps = all("data-step=\"([a-z]+)\" data-state=\"[a-z]+\"", html);
      assertThat(steps)
          .containsExactlyElementsOf(List.of(Step.values()).stream().map(Step::code).toList());
    }
  }

  @ParameterizedTest
  @FieldSource("io.whygate.diagnostics.page.Language#BUILT_IN")
  void isWellFormed(Language language) {
    String html = html(Cause.DNS_DRIFT, language);
    String markup =
        html.replaceFirst("<!doctype html>", "")
            .replaceAll("(?s)<style>.*?</style>", "<style></style>")
            .replaceAll("(?s)<script>.*?</script>", "<script></script>");
    Deque<String> open = new ArrayDeque<>();
    Matcher tag = TAG.matcher(markup);
    int end = 0;
    while (tag.find()) {
      assertThat(markup.substring(end, tag.start())).doesNotContain("<", ">");
      end = tag.end();
      String name = tag.group(2);
      if (!tag.group(1).isEmpty()) {
        assertThat(open.pop()).as(markup.substring(Math.max(0, end - 80), end)).isEqualTo(name);
      } else if (!VOID.contains(name)) {
        open.push(name);
      }
    }
    assertThat(open).isEmpty();
    assertThat(all("\\sid=\"([^\"]+)\"", markup)).doesNotHaveDuplicates();
    for (String label : all("aria-labelledby=\"([^\"]+)\"", markup)) {
      assertThat(markup).contains("id=\"" + label + "\"");
    }
    assertThat(all("<(h1|main|footer)[ >]", markup)).containsExactly("main", "h1", "footer");
  }

  @Test
  void itsScriptIsOfECMAScriptFive() {
    assertThat(Minified.js(Resources.read("page.js")))
        .doesNotContain("=>", "`", "...", "async ", "await ", "?.", "??")
        .doesNotContainPattern("\\b(let|const|class|for \\(\\w+ \\w+ of)\\b")
        .doesNotContainPattern("\\.(includes|find|assign|padStart|forEach\\(\\w+\\s*=>)\\(")
        .doesNotContainPattern("function \\w*\\([^)]*=");
  }

  @Test
  void asksNothingOfAnybodyElse() {
    String html = html(Cause.SERVER_PORT_CLOSED, Language.ENGLISH);
    assertThat(html).doesNotContain("http://", "https://", "url(", "@import", " src=", " style=");
  }

  @Test
  void itsPolicyAllowsItsOwnStyleAndScriptAlone() throws Exception {
    Page page = Examples.render(Cause.SERVER_PORT_CLOSED, Form.HTML, Language.ENGLISH);
    String html = new String(page.body(), StandardCharsets.UTF_8);
    String policy = page.header("Content-Security-Policy");
    assertThat(policy).startsWith("default-src 'none'; ").doesNotContain("unsafe");
    for (String element : List.of("style", "script")) {
      List<String> inline = all("(?s)<" + element + ">(.*?)</" + element + ">", html);
      assertThat(inline).hasSize(1);
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(inline.getFirst().getBytes(StandardCharsets.UTF_8));
      assertThat(policy)
          .contains(element + "-src 'sha256-" + Base64.getEncoder().encodeToString(digest) + "'");
    }
  }

  @Test
  void tryingAgainByItselfIsForWhatMayBeRepeated() {
    assertThat(html(Cause.SERVER_PORT_CLOSED, Language.ENGLISH))
        .contains("<noscript><meta http-equiv=\"refresh\" content=\"30\"></noscript>")
        .contains("data-repeat=\"yes\"");
    Diagnosis sent =
        Examples.diagnosis(
            Cause.APPLICATION_TIMEOUT,
            Examples.exchange(
                "POST", RequestProcessed.UNKNOWN, new AttemptFailure.ConnectRefused()));
    Reader reader = new Reader(Audience.VISITOR, "POST", Form.HTML, Language.ENGLISH, false);
    String form = html(Examples.PAGES, sent, Examples.incident(sent), reader);
    assertThat(form)
        .doesNotContain("http-equiv=\"refresh\"")
        .contains("data-repeat=\"no\"", "data-processed=\"unknown\"")
        .contains("Check before you send it again.");
  }

  @Test
  void theContactIsNamedWithAMessageToSend() {
    assertThat(html(Cause.SERVER_PORT_CLOSED, Language.VIETNAMESE))
        .contains("href=\"mailto:support@acme.example?subject=Trang%20web%20kh%C3%B4ng")
        .contains("k3x9p2m7q4wz%0D%0A");
    Diagnosis diagnosis = Examples.diagnosis(Cause.SERVER_PORT_CLOSED);
    Incident nobody = Examples.incident(diagnosis, Incident.State.OPEN, Contact.NONE);
    Incident hostile =
        Examples.incident(
            diagnosis,
            Incident.State.OPEN,
            new Contact("<b>A</b>", "a\"b@x.example", "+84 (0) 28", "javascript:alert(1)"));
    Pages pages = new Pages("whygate", Branding.NONE);
    Reader reader = Examples.reader(Form.HTML, Language.ENGLISH);
    assertThat(html(pages, diagnosis, nobody, reader)).doesNotContain("mailto:");
    assertThat(html(new Pages("whygate", Branding.NONE), diagnosis, hostile, reader))
        .doesNotContain("<b>A</b>", "javascript:")
        .contains("href=\"tel:+84028\"", "mailto:a%22b@x.example");
  }

  @Test
  void wearsTheOperatorsLook() {
    String logo = "data:image/svg+xml;base64,PHN2Zy8+";
    Branding branding =
        new Branding(
            "Acme <Shop>",
            "#ffd400",
            "#334455",
            logo,
            Map.of(Language.ENGLISH, Map.of("cause.server.port-closed.title", "Back soon")),
            List.of("'self'", "https://shop.example.com"),
            Optional.empty());
    Diagnosis diagnosis = Examples.diagnosis(Cause.SERVER_PORT_CLOSED);
    assertThat(
            html(
                new Pages("whygate", branding),
                diagnosis,
                Examples.incident(diagnosis),
                Examples.reader(Form.HTML, Language.ENGLISH)))
        .contains(
            "Acme &lt;Shop&gt;",
            logo,
            "--accent:#ffd400;--on-accent:#000000",
            "--accent:#334455;--on-accent:#ffffff",
            "<h1 id=\"title\">Back soon</h1>");
  }

  private static String html(Cause cause, Language language) {
    return new String(Examples.render(cause, Form.HTML, language).body(), StandardCharsets.UTF_8);
  }

  private static String html(Pages pages, Diagnosis diagnosis, Incident incident, Reader reader) {
    return new String(
        pages.render(diagnosis, diagnosis.exchange(), incident, reader).body(),
        StandardCharsets.UTF_8);
  }

  private static List<String> all(String pattern, String text) {
    List<String> found = new ArrayList<>();
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }
}
