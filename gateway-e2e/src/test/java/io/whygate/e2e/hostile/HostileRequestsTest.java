package io.whygate.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.e2e.lab.GatewayProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/// Requests that two readers could read in two ways are refused, or written anew so that they
/// cannot: by the bytes that a strict server got.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileRequestsTest {
  static final String LIMITS =
      """
      listener-defaults {
        limits { body = 1MiB }
        timeouts { header = 1s, body = 1s }
      }
      """;

  private StrictServer server;
  private GatewayProcess gateway;

  @BeforeAll
  void start() throws IOException {
    server = StrictServer.ofTwoBytes();
    gateway = GatewayProcess.start(LIMITS + GatewayProcess.oneSite(server.uri(), ""));
  }

  @AfterAll
  void stop() throws IOException {
    gateway.close();
    server.close();
  }

  @TestFactory
  Stream<DynamicNode> isRefusedOrMadeUnambiguous() throws IOException {
    return Payload.of("requests.txt").stream()
        .collect(
            Collectors.groupingBy(
                Payload::section, java.util.LinkedHashMap::new, Collectors.toList()))
        .entrySet()
        .stream()
        .map(section ->
            DynamicContainer.dynamicContainer(
                section.getKey(),
                section.getValue().stream()
                    .map(each -> DynamicTest.dynamicTest(each.name(), () -> check(each)))));
  }

  private void check(Payload payload) throws IOException {
    Exchange found = Exchange.of(gateway.uri(), server, payload);
    List<String> statuses = new ArrayList<>(List.of(payload.outcome().split(" ")));
    boolean goesOn =
        payload.has("stays") || (statuses.getLast().equals("200") && !payload.has("closes"));
    if (goesOn) {
      statuses.add("200");
    }
    assertThat(found.statuses()).isEqualTo(statuses);
    assertThat(found.ended()).as("the connection ends").isTrue();
    assertThat(found.arrivals()).allMatch(each -> each.doubt().isEmpty());
    assertThat(found.arrivals().stream().filter(each -> each.target().equals("/last")).count())
        .isEqualTo(goesOn ? 1 : 0);
    assertThat(found.arrivals().size())
        .as("requests that reached the server")
        .isEqualTo(statuses.stream().filter("200"::equals).count());
    String arrived =
        found.arrivals().stream()
            .map(StrictServer.Arrival::bytes)
            .filter(each -> !each.startsWith("GET /last "))
            .collect(Collectors.joining());
    assertThat(payload.sees()).allMatch(arrived::contains);
    assertThat(payload.never()).noneMatch(arrived::contains);
  }
}
