package io.whygate.diagnostics.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.contact.HostContact;
import io.whygate.diagnostics.facts.UpstreamFacts.Contact;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.json.Members;
import io.whygate.diagnostics.memory.Scope;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnosis;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// The message to the host, as operators get it.
final class HostMessageTest {
  private static final HostContact REGISTERED =
      new HostContact(
          new Contact("Abuse desk", "abuse+web@acme.example", "+1-555-0100", ""),
          "abuse",
          "10.0.0.0 - 10.255.255.255 (ACME-NET)",
          "https://rdap.example/ip/10.11.12.13");

  private final Pages pages = new Pages("whygate", Branding.NONE);
  private final Diagnosis diagnosis = Examples.diagnosis(Cause.SERVER_PORT_CLOSED);

  private Members host(Contact configured, Optional<HostContact> registered, Language language)
      throws Exception {
    Incident incident = Examples.incident(diagnosis, Incident.State.OPEN, configured);
    OperatorNotes notes = new OperatorNotes(List.of(), Scope.NONE, registered);
    return Members.of(pages.operatorJson(incident, language, notes)).object("host");
  }

  @ParameterizedTest
  @FieldSource("io.whygate.diagnostics.page.Language#OPERATORS")
  void itHasTheFactsThatAHostAsksFor(Language language) throws Exception {
    Members message = host(Contact.NONE, Optional.of(REGISTERED), language).object("message");
    assertThat(message.text("subject")).contains("shop.example.com", "k3x9p2m7q4wz");
    assertThat(message.text("body"))
        .contains(
            "Abuse desk",
            "2026-11-23 14:01:07 UTC",
            "2026-11-23 14:03:07 UTC",
            language == Language.ENGLISH ? "17 requests were hit" : "17 ",
            "http://shop.internal:3000 (10.11.12.13)",
            "- 2026-11-23 14:03:07 UTC: GET /private/path at ",
            "connection refused",
            "k3x9p2m7q4wz",
            "server.port-closed")
        .doesNotContain("{", "}");
  }

  @Test
  void itsLinkOpensALetterThatSaysTheSame() throws Exception {
    Members message =
        host(Contact.NONE, Optional.of(REGISTERED), Language.VIETNAMESE).object("message");
    String link = message.text("mailto");
    assertThat(link).startsWith("mailto:abuse%2Bweb@acme.example?subject=").isASCII();
    String query = link.substring(link.indexOf('?') + 1);
    assertThat(query).doesNotContain("+", " ", "#");
    String body = query.substring(query.indexOf("&body=") + 6);
    assertThat(URLDecoder.decode(body, StandardCharsets.UTF_8))
        .isEqualTo(message.text("body").replace("\n", "\r\n"));
  }

  @Test
  void theContactOfTheConfigurationComesFirst() throws Exception {
    Members host = host(Examples.CONTACT, Optional.of(REGISTERED), Language.ENGLISH);
    assertThat(host.text("email")).isEqualTo("support@acme.example");
    assertThat(host.text("source")).isEqualTo("configuration");
    assertThat(host.has("role")).isFalse();
  }
}
