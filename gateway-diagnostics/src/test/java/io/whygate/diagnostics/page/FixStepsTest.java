package io.whygate.diagnostics.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.verdict.Cause;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FixStepsTest {
  private final FixSteps steps = new FixSteps();
  private final Texts texts = Texts.of(Language.ENGLISH, Map.of());

  private List<String> commands(Cause cause, String endpoint) {
    return steps.of(cause, texts, Map.of("endpoint", endpoint)).stream()
        .map(FixSteps.FixStep::command)
        .toList();
  }

  @Test
  void commandsConnectToAnEndpointWhoseProtocolNobodyKnows() {
    assertThat(commands(Cause.DNS_IPV6_BROKEN, "tcp://db.internal:5432"))
        .contains(
            "curl -4 -sv --max-time 5 telnet://db.internal:5432;"
                + " curl -6 -sv --max-time 5 telnet://db.internal:5432");
    assertThat(commands(Cause.DNS_IPV6_BROKEN, "https://shop.internal:3000"))
        .anySatisfy(command -> assertThat(command).contains(" https://shop.internal:3000;"));
  }
}
