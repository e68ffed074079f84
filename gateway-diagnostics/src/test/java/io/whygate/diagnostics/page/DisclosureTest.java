package io.whygate.diagnostics.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.ResponseProblem;
import io.whygate.diagnostics.facts.TlsProblem;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.page.Reader.Audience;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnosis;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DisclosureTest {
  private final Pages pages = new Pages("whygate", Branding.NONE);

  @ParameterizedTest
  @EnumSource(Cause.class)
  void noVisitorSeesWhatLiesBehind(Cause cause) {
    Diagnosis diagnosis = Examples.diagnosis(cause);
    Incident incident = Examples.incident(diagnosis);
    for (Language language : Language.BUILT_IN) {
      for (Form form : Form.values()) {
        Page page =
            pages.render(
                diagnosis, diagnosis.exchange(), incident, Examples.reader(form, language));
        assertThat(text(page)).doesNotContainIgnoringCase(Examples.SECRETS.toArray(String[]::new));
      }
      Page document = pages.incident(incident, Examples.reader(Form.PROBLEM, language));
      assertThat(
              text(document) + new String(pages.event(incident, language), StandardCharsets.UTF_8))
          .doesNotContainIgnoringCase(Examples.SECRETS.toArray(String[]::new));
    }
  }

  @Test
  void noVisitorSeesWhatTheWireSaid() {
    List<AttemptFailure> failures =
        List.of(
            new AttemptFailure.NotDialled(
                io.whygate.diagnostics.facts.LocalProblem.OTHER, Examples.NASTY),
            new AttemptFailure.TlsRejected(
                TlsProblem.ALERT_RECEIVED, 112, List.of(), Examples.NASTY),
            new AttemptFailure.MalformedResponse(
                Phase.READ_RESPONSE, ResponseProblem.BAD_FIELD, Examples.NASTY, 3, -1),
            new AttemptFailure.UpstreamStatus(
                502,
                -1,
                "shop-db.internal;error=connection_refused;next-hop=\"10.11.12.13\";"
                    + "details=\"nginx/1.22.1, or not\", inner;rcode=\"shop.internal\""));
    for (AttemptFailure failure : failures) {
      FailedExchange exchange = Examples.exchange(failure);
      Diagnosis diagnosis = Examples.diagnosis(Cause.UNKNOWN, exchange);
      for (Form form : Form.values()) {
        Page page =
            pages.render(
                diagnosis,
                exchange,
                Examples.incident(diagnosis),
                Examples.reader(form, Language.ENGLISH));
        assertThat(text(page)).doesNotContainIgnoringCase(Examples.SECRETS.toArray(String[]::new));
      }
    }
  }

  @Test
  void membersFromUpstreamStayWithoutTheirInnerHosts() {
    FailedExchange exchange =
        Examples.exchange(
            new AttemptFailure.UpstreamStatus(
                502, -1, "edge;error=connection_refused;next-hop=\"10.11.12.13\", a.internal"));
    assertThat(pages.proxyStatus(exchange, Audience.VISITOR))
        .isEqualTo("edge;error=connection_refused, upstream, whygate;received-status=502");
    assertThat(pages.proxyStatus(exchange, Audience.OPERATOR))
        .isEqualTo(
            "edge;error=connection_refused;next-hop=\"10.11.12.13\", a.internal,"
                + " whygate;received-status=502;next-hop=\"http://shop.internal:3000\""
                + ";details=\"upstream-status\"");
  }

  @Test
  void operatorsSeeItAll() {
    Diagnosis diagnosis = Examples.diagnosis(Cause.SERVER_PORT_CLOSED);
    String document = pages.operatorJson(Examples.incident(diagnosis), Language.ENGLISH);
    assertThat(document)
        .contains("\"evidence\":[{\"probe\":\"connect\"", "10.11.12.13", "\"runners_up\":[{")
        .contains("\"fix\":[{\"step\":1,\"do\":\"On the server, see", "\"requests\":17");
  }

  private static String text(Page page) {
    return page.headers() + new String(page.body(), StandardCharsets.UTF_8);
  }
}
