package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.LabProcess;
import io.whygate.e2e.lab.Namespaces;
import io.whygate.e2e.lab.Place;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a gateway may send tells how much it finds out: pings by a datagram socket, which the
/// system allows to some groups, by a raw one, which needs a right, or none.
@Needs({"namespaces", "nft", "setpriv"})
class PingRightsTest {
  private static final List<String> WITHOUT_RIGHT =
      List.of("setpriv", "--inh-caps=-net_raw", "--bounding-set=-net_raw");

  /// At the same time, each in a network of its own: all that a command does there is to wait.
  @ParameterizedTest
  @Execution(ExecutionMode.CONCURRENT)
  @CsvSource({
    "0 0, false, firewall.dropped, answered",
    "1 0, true, firewall.dropped, answered",
    "1 0, false, server.host-down, not sent"
  })
  void aHostThatAnswersPingsAloneIsUpWhereOneMayBeSent(
      String groups, boolean right, String cause, String answer) throws Exception {
    try (Namespaces network = new Namespaces();
        Folder folder = Folder.create("pings")) {
      Place here = network.host("gateway", "10.77.0.2");
      Place far = network.host("server", "10.77.0.3");
      network.filter(far, "add rule inet lab in meta l4proto tcp drop");
      network.shell(here, "echo '" + groups + "' > /proc/sys/net/ipv4/ping_group_range");
      List<String> prefix =
          right
              ? here.prefix()
              : Stream.concat(here.prefix().stream(), WITHOUT_RIGHT.stream()).toList();

      try (LabProcess run =
          GatewayProcess.command(
              new Place(here.address(), prefix),
              folder.path(),
              "diagnose",
              "http://10.77.0.3:8080/",
              "--json")) {
        assertThat(run.awaitExit(Duration.ofSeconds(30))).isEqualTo(1);
        String output = run.output();
        JsonObject found =
            JsonParser.parseString(output.substring(output.indexOf('{'))).getAsJsonObject();
        assertThat(found.get("cause").getAsString()).as(output).isEqualTo(cause);
        assertThat(
                found.getAsJsonArray("evidence").asList().stream()
                    .map(each -> each.getAsJsonObject())
                    .filter(each -> each.get("probe").getAsString().equals("ping"))
                    .map(each -> each.get("answer").getAsString())
                    .toList())
            .hasSize(1)
            .allSatisfy(each -> assertThat(each).contains(answer));
      }
    }
  }
}
