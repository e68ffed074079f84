package io.whygate.diagnostics.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whygate.diagnostics.facts.UpstreamFacts.Contact;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnosis;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PageTemplateTest {
  private static final String GOOD =
      """
      <!doctype html>
      <html {{attributes}}><head><title>{{title}}</title>{{refresh}}{{style}}
      <style>h1 { color: teal }</style></head>
      <body data-brand="{{ brand }}"><h1 id="title">{{title}}</h1><!-- ours -->
      {{picture}}{{live}}{{glance}}{{checks}}{{contact}}
      <p title='{{contact.name}}'><a href="{{contact.url}}">{{text.page.contact}}</a></p>
      <script>var ours = 1 < 2;</script>{{script}}</body></html>
      """;

  private static Page render(String source, Contact contact) throws Exception {
    Branding branding =
        new Branding(
            "A \"b\" <c>",
            "#2456d6",
            "#7ea2ff",
            "",
            Map.of(),
            List.of("*"),
            Optional.of(PageTemplate.of(source)));
    Diagnosis diagnosis = Examples.diagnosis(Cause.DNS_DRIFT);
    Incident incident = Examples.incident(diagnosis, Incident.State.OPEN, contact);
    return new Pages("whygate", branding)
        .render(
            diagnosis,
            diagnosis.exchange(),
            incident,
            Examples.reader(Form.HTML, Language.VIETNAMESE));
  }

  @Test
  void eachValueIsEscapedWhereItStands() throws Exception {
    Contact hostile = new Contact("' onclick='x", "", "", "javascript:alert(1)");
    Page page = render(GOOD, hostile);
    String html = new String(page.body(), StandardCharsets.UTF_8);
    assertThat(html)
        .contains("<html lang=\"vi\" dir=\"ltr\" data-cause=\"dns.drift\"")
        .contains("data-brand=\"A &quot;b&quot; &lt;c&gt;\"")
        .contains("title='&#39; onclick=&#39;x'")
        .contains("<a href=\"#\">Ai có thể giúp</a>")
        .contains("data-step=\"dns\" data-state=\"failed\"", "id=\"live\"", "id=\"way\"")
        .doesNotContain("{{", "javascript:");
    assertThat(render(GOOD, new Contact("", "", "", "https://help.example/?a=1&b=2")).body())
        .asString(StandardCharsets.UTF_8)
        .contains("<a href=\"https://help.example/?a=1&amp;b=2\">");
  }

  @Test
  void itsPolicyAllowsItsOwnStylesAndScriptsBesideTheBuiltIn() throws Exception {
    String policy = render(GOOD, Contact.NONE).header("Content-Security-Policy");
    assertThat(policy)
        .containsPattern(
            "style-src 'sha256-[^']+' 'sha256-[^']+'; script-src 'sha256-[^']+' 'sha256-[^']+';")
        .doesNotContain("unsafe");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          <p>{{nap}}</p>                       | line 2: {{nap}} (expected: a value that the guide lists)
          <p>{{title                           | line 2: {{ without }} (expected: {{name}})
          <p {{title}}></p>                    | line 2: {{title}} (expected: in text or in a quoted attribute that is no code)
          <p title={{title}}></p>              | line 2: {{title}} (expected: in text or in a quoted attribute that is no code)
          <p onclick="x('{{title}}')"></p>     | line 2: {{title}} (expected: in text or in a quoted attribute that is no code)
          <p style="top:{{status}}"></p>       | line 2: {{status}} (expected: in text or in a quoted attribute that is no code)
          <script>var t = "{{title}}"</script> | line 2: {{title}} (expected: in text or in a quoted attribute that is no code)
          <style>p { top: {{status}} }</style> | line 2: {{status}} (expected: in text or in a quoted attribute that is no code)
          <!-- {{title}} -->                   | line 2: {{title}} (expected: in text or in a quoted attribute that is no code)
          <p title="{{checks}}"></p>           | line 2: {{checks}} within a tag, script or style (expected: in text)
          <p {{attributes}}></p>               | line 2: {{attributes}} (expected: in the tag: <html {{attributes}}>)
          <p>{{text.next.wait}}</p>            | line 2: {{text.next.wait}} (expected: the key of a text without places)
          <p>{{text.cause.dns.drift.why}}</p>  | line 2: {{text.cause.dns.drift.why}} (expected: the key of a text without places)
          """)
  void aPlaceWhereAValueCouldBecomeCodeIsRefused(String line, String message) {
    String source = "<html {{attributes}}>{{title}}{{checks}}{{script}}\n" + line + "\n</html>";
    assertThatThrownBy(() -> PageTemplate.of(source)).hasMessage(message);
  }

  @Test
  void whatThePageCannotDoWithoutIsNeeded() {
    assertThatThrownBy(() -> PageTemplate.of("<html {{attributes}}>{{title}}{{checks}}"))
        .hasMessageStartingWith("no {{script}} (expected: each of {{attributes}}, ");
    assertThatThrownBy(
            () -> PageTemplate.of("<html {{attributes}}>{{title}}{{checks}}{{script}}<!-- a"))
        .hasMessageContaining("the end within a tag, comment or script");
    assertThatThrownBy(() -> PageTemplate.of("x".repeat(70_000)))
        .hasMessage("70000 characters (expected: at most 65536)");
  }
}
