package io.whygate.diagnostics.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.page.Page.Field;
import io.whygate.diagnostics.page.Reader.Audience;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnosis;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PagesTest {
  private static final Path GOLDEN = Path.of("src/test/resources/pages");

  private final Pages pages = new Pages("whygate", Branding.NONE);
  private final Diagnosis refused = Examples.diagnosis(Cause.SERVER_PORT_CLOSED);

  /// Style and script are left out, as others look at them. With `-Dgolden.update=true` the files
  /// are written anew, to be read before they are committed.
  @ParameterizedTest
  @CsvSource({
    "server.port-closed,PROBLEM,en,json",
    "server.port-closed,TEXT,en,txt",
    "server.port-closed,MARKDOWN,vi,md",
    "dns.drift,PROBLEM,vi,json",
    "dns.drift,HTML,en,html",
    "application.timeout,HTML,vi,html",
    "unknown,TEXT,vi,txt",
  })
  void looksAsItDid(String code, Form form, String tag, String extension) throws IOException {
    Language language = tag.equals("vi") ? Language.VIETNAMESE : Language.ENGLISH;
    Page page = Examples.render(Cause.ofCode(code).orElseThrow(), form, language);
    StringBuilder shown = new StringBuilder().append(page.status()).append('\n');
    page.headers().forEach(f -> shown.append(f.name()).append(": ").append(f.value()).append('\n'));
    shown.append('\n').append(new String(page.body(), StandardCharsets.UTF_8));
    String text =
        shown
            .toString()
            .replaceAll("(?s)<(style|script)>.*?</", "<$1>…</")
            .replaceAll("(?<=text/html; charset=utf-8\nContent-Length: )[0-9]+", "…")
            .replaceAll("'sha256-[^']*'", "'sha256-…'");
    Path golden = GOLDEN.resolve(code + "." + tag + "." + extension);
    if (Boolean.getBoolean("golden.update")) {
      Files.createDirectories(GOLDEN);
      Files.writeString(golden, text);
    }
    assertThat(text).isEqualTo(Files.readString(golden));
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void everyFormHasTheFieldsOfTheContract(Form form) {
    Page page = render(refused, Examples.reader(form, Language.VIETNAMESE));
    assertThat(page.headers())
        .extracting(Field::name)
        .contains(
            "Content-Type",
            "Content-Length",
            "Proxy-Status",
            "Retry-After",
            "Cache-Control",
            "Whygate-Incident",
            "Whygate-Cause",
            "Vary",
            "Server-Timing",
            "Content-Language")
        .doesNotHaveDuplicates();
    assertThat(page.headers())
        .extracting(Field::value)
        .allMatch(v -> v.chars().allMatch(c -> c >= 0x20 && c < 0x7f));
    assertThat(page.header("Cache-Control")).isEqualTo("no-store");
    assertThat(page.header("Vary")).isEqualTo("Accept, Accept-Language");
    assertThat(page.header("Retry-After")).isEqualTo("30");
    assertThat(page.header("Whygate-Cause")).isEqualTo("server.port-closed");
    assertThat(page.header("Server-Timing"))
        .isEqualTo("dns;dur=0.12, connect;dur=0.52, total;dur=1.23, diagnosis;dur=40.50");
  }

  @Test
  void headGetsTheFieldsOfGetAlone() {
    Reader get = Examples.reader(Form.HTML, Language.ENGLISH);
    Reader head = new Reader(Audience.VISITOR, "HEAD", Form.HTML, Language.ENGLISH, false);
    Page whole = render(refused, get);
    Page fields = render(refused, head);
    assertThat(fields.body()).isEmpty();
    assertThat(fields.headers()).isEqualTo(whole.headers());
    assertThat(fields.header("Content-Length")).isEqualTo(String.valueOf(whole.body().length));
  }

  @Test
  void aSubResourceGetsOneLine() {
    Page page = render(refused, Examples.reader(Form.TINY, Language.ENGLISH));
    assertThat(new String(page.body(), StandardCharsets.UTF_8))
        .isEqualTo("502 server.port-closed k3x9p2m7q4wz\n");
  }

  @Test
  void grpcGetsTrailersAlone() {
    Page page = render(refused, Examples.reader(Form.GRPC, Language.VIETNAMESE));
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.body()).isEmpty();
    assertThat(page.header("Content-Type")).isEqualTo("application/grpc");
    assertThat(page.header("grpc-status")).isEqualTo("14");
    assertThat(page.header("grpc-message")).matches("([ -$&-~]|%[0-9A-F]{2})+");
    String message = page.header("grpc-message").replace("+", "%2B");
    assertThat(URLDecoder.decode(message, StandardCharsets.UTF_8))
        .startsWith("Máy chủ của trang hiện không chạy. ")
        .endsWith("[cause server.port-closed, incident k3x9p2m7q4wz, not_sent]");
    String details =
        new String(
            Base64.getDecoder().decode(page.header("grpc-status-details-bin")),
            StandardCharsets.UTF_8);
    assertThat(details)
        .startsWith("\b\16\22")
        .contains("type.googleapis.com/google.rpc.ErrorInfo", "SERVER_PORT_CLOSED", "whygate")
        .contains("incident\22\14k3x9p2m7q4wz", "not_sent");
    Diagnosis late =
        Examples.diagnosis(
            Cause.APPLICATION_TIMEOUT,
            Examples.exchange(
                new AttemptFailure.TimedOut(Phase.AWAIT_RESPONSE, Duration.ofSeconds(30))));
    assertThat(render(late, Examples.reader(Form.GRPC, Language.ENGLISH)).header("grpc-status"))
        .isEqualTo("4");
  }

  @Test
  void behindAFrontTheStatusAndTheDocumentSay503() {
    Reader reader = new Reader(Audience.VISITOR, "GET", Form.PROBLEM, Language.ENGLISH, true);
    Page page = render(refused, reader);
    assertThat(page.status()).isEqualTo(503);
    assertThat(new String(page.body(), StandardCharsets.UTF_8)).contains("\"status\":503,");
  }

  @Test
  void aBodyIsWrittenOnceForAllWhoFailAlike() {
    Reader reader = Examples.reader(Form.HTML, Language.ENGLISH);
    Incident incident = Examples.incident(refused);
    FailedExchange another = Examples.exchange(new AttemptFailure.ConnectRefused());
    assertThat(pages.kept(refused, another, incident, reader)).isEmpty();
    byte[] written = pages.render(refused, refused.exchange(), incident, reader).body();
    Optional<Page> kept = pages.kept(refused, another, incident, reader);
    assertThat(kept).isPresent();
    assertThat(kept.get().body()).isSameAs(written);
    FailedExchange sent =
        Examples.exchange("POST", RequestProcessed.UNKNOWN, new AttemptFailure.ConnectRefused());
    assertThat(pages.kept(refused, sent, incident, reader)).isEmpty();
    Diagnosis later = Examples.diagnosis(Cause.SERVER_PORT_CLOSED);
    assertThat(pages.kept(later, another, incident, reader)).isEmpty();
  }

  @Test
  void withoutAMeasuredTimeTheWaitGrowsWithTheOutage() {
    Diagnosis unmeasured =
        new Diagnosis(
            refused.exchange(),
            refused.verdict(),
            refused.steps(),
            List.of(),
            List.of(),
            Optional.empty(),
            OptionalLong.empty(),
            true,
            refused.at(),
            1000);
    assertThat(
            render(unmeasured, Examples.reader(Form.TEXT, Language.ENGLISH)).header("Retry-After"))
        .isEqualTo("30");
  }

  @Test
  void theDocumentOfAnIncidentTellsWhenItIsOver() {
    Reader reader = Examples.reader(Form.PROBLEM, Language.ENGLISH);
    String open =
        new String(
            pages.incident(Examples.incident(refused), reader).body(), StandardCharsets.UTF_8);
    assertThat(open).contains("\"state\":\"open\",\"steps\":[");
    for (Incident.State state : List.of(Incident.State.RECOVERED, Incident.State.HEALED)) {
      Incident over = Examples.incident(refused, state, Examples.CONTACT);
      Page page = pages.incident(over, reader);
      assertThat(page.status()).isEqualTo(200);
      assertThat(page.header("Content-Type")).isEqualTo("application/json");
      assertThat(new String(page.body(), StandardCharsets.UTF_8))
          .contains("\"state\":\"recovered\",\"ended\":\"2026-11-23T14:04:07.123Z\"");
      assertThat(new String(pages.event(over, Language.ENGLISH), StandardCharsets.UTF_8))
          .startsWith("data: {\"type\":")
          .endsWith("}\n\n")
          .doesNotContain("\n{");
    }
  }

  @Test
  void anOperatorsOwnWordOnAMaintenanceIsShown() {
    Diagnosis plain = Examples.diagnosis(Cause.SERVER_MAINTENANCE);
    Diagnosis declared =
        new Diagnosis(
            plain.exchange(),
            new io.whygate.diagnostics.verdict.Verdict(
                Cause.SERVER_MAINTENANCE,
                1,
                "declared",
                Map.of("message", "Back at <noon> & fresh")),
            plain.steps(),
            List.of(),
            List.of(),
            Optional.empty(),
            OptionalLong.of(1800),
            true,
            plain.at(),
            10);
    String html = text(render(declared, Examples.reader(Form.HTML, Language.ENGLISH)));
    assertThat(html).contains("Back at &lt;noon&gt; &amp; fresh").doesNotContain("<noon>");
    assertThat(html).contains("expected back at about <time data-short datetime=");
  }

  @Test
  void aBrandingThatNoPageCouldBeMadeOfIsRefused() {
    assertThatThrownBy(() -> branding("red", "", "*"))
        .hasMessage("colour: red (expected: as #2456d6)");
    assertThatThrownBy(() -> branding("#123456", "https://x.example/logo.png", "*"))
        .hasMessageStartingWith("logo: https://x.example/logo.p (expected: a data: URI");
    assertThatThrownBy(() -> branding("#123456", "x".repeat(13000), "*"))
        .hasMessage("logo: 13000 bytes (expected: at most 12288)");
    assertThatThrownBy(() -> branding("#123456", "", "*; script-src *"))
        .hasMessageStartingWith("frame ancestor: *; script-src * (expected: ");
    Branding unknown =
        new Branding(
            "",
            "#123456",
            "#123456",
            "",
            Map.of(Language.ENGLISH, Map.of("cause.x.title", "y")),
            List.of(),
            Optional.empty());
    assertThatThrownBy(() -> new Pages("whygate", unknown))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anAccentThatHardlyStandsOutIsTold() {
    assertThat(Branding.faintness("#2456d6", "#7ea2ff")).isEmpty();
    assertThat(Branding.faintness("#ffe680", "#202530"))
        .containsExactly(
            "#ffe680 has a contrast of 1.2 on the light page",
            "#202530 has a contrast of 1.1 on the dark page");
  }

  private static Branding branding(String colour, String logo, String ancestor) {
    return new Branding("", colour, "#123456", logo, Map.of(), List.of(ancestor), Optional.empty());
  }

  private Page render(Diagnosis diagnosis, Reader reader) {
    return pages.render(diagnosis, diagnosis.exchange(), Examples.incident(diagnosis), reader);
  }

  private static String text(Page page) {
    return new String(page.body(), StandardCharsets.UTF_8);
  }
}
