package io.whygate.e2e.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.whygate.e2e.lab.Await;
import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// An incident lasts as long as what failed goes on failing, whatever else works meanwhile: other
/// paths, health checks, connections, probes. It ends once the thing itself works.
class SteadyIncidentsTest {
  private static final Duration WATCHED = Duration.ofSeconds(12);

  static Stream<Arguments> faults() {
    return Stream.of(
        Arguments.of("malformed-response", new Fault.BadHeaderLine(), false),
        Arguments.of("ambiguous-framing", new Fault.AmbiguousFraming(), true),
        Arguments.of("length-mismatch", new Fault.ExcessBody(), true),
        Arguments.of("closed-mid-response", new Fault.CloseMidBody(100), true),
        Arguments.of("path-failure", new Fault.CloseBeforeResponse(), true),
        Arguments.of("closed-before-response", new Fault.CloseBeforeResponse(), false));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  @Execution(ExecutionMode.CONCURRENT)
  void staysOneAndOpenWhileItFails(String cause, Fault.OnRequest fault, boolean onePath)
      throws Exception {
    try (Scene scene = new Scene(false)) {
      FaultyServer server = scene.open(FaultyServer.start());
      scene.upstream(server.uri(), onePath ? "health { path = \"/up\", interval = 1s }" : "");
      try (HeldGateway gateway = HeldGateway.start(scene.settings())) {
        assertThat(Client.get(gateway.uri(), Sites.SICK).status()).isEqualTo(200);
        server.fault(onePath ? new Fault.PathFailure(Sites.SICK, fault) : fault);
        List<String> states = new ArrayList<>();
        String id = "";
        long end = System.nanoTime() + WATCHED.toNanos();
        while (System.nanoTime() < end) {
          Client.get(gateway.uri(), Sites.SICK);
          if (onePath) {
            assertThat(Client.get(gateway.uri(), "/").status()).isEqualTo(200);
          }
          // An answer that breaks off is explained after its client has seen that.
          Await.until(
              "an incident", Duration.ofSeconds(10), () -> !gateway.incidents("").isEmpty());
          List<JsonObject> all = gateway.incidents("");
          assertThat(all).hasSize(1);
          id = all.getFirst().get("incident").getAsString();
          states.add(all.getFirst().get("state").getAsString());
          // As rarely as a visitor who tries again now and then.
          TimeUnit.MILLISECONDS.sleep(1_700);
        }
        assertThat(states).containsOnly("open");
        assertThat(gateway.incidents("application." + cause)).hasSize(1);

        server.mend();
        String incident = id;
        Await.until(
            "the end of the incident",
            Duration.ofSeconds(30),
            () -> gateway.incident(incident).get("state").getAsString().equals("recovered"));
        assertThat(Client.get(gateway.uri(), Sites.SICK).status()).isEqualTo(200);
      }
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void othersWithSmallCookiesDoNotEndWhatALargeOneMeets() throws Exception {
    String large = "Cookie: a=" + "x".repeat(7_800);
    staysOneAndOpenFor(
        new Fault.SizeFailure(7_168, 0, new Fault.CloseBeforeResponse()), "Accept: */*", large);
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void othersDoNotEndWhatOneClientMeets() throws Exception {
    staysOneAndOpenFor(
        new Fault.SizeFailure(400, 0, new Fault.CloseBeforeResponse()),
        "X-Forwarded-For: 198.51.100.1",
        "X-Forwarded-For: 192.0.2.7",
        "Cookie: a=" + "x".repeat(500));
  }

  /// The first examination of all is by code that has never run, and may find less in its time.
  @BeforeAll
  static void examineOnce() throws Exception {
    try (Scene scene = new Scene(false)) {
      FaultyServer server = scene.open(FaultyServer.start());
      scene.upstream(server.uri(), "");
      try (HeldGateway gateway = HeldGateway.start(scene.settings(), "")) {
        server.fault(new Fault.SizeFailure(400, 0, new Fault.CloseBeforeResponse()));
        String large = "Cookie: a=" + "x".repeat(500);
        assertThat(Client.send(gateway.uri(), "GET", "/", "", large).status()).isEqualTo(502);
      }
    }
  }

  /// One visitor fails now and then, another is served the same page; then it is mended.
  ///
  /// @param ofOther a field of the one who is served
  /// @param ofOne fields of the one who fails
  private static void staysOneAndOpenFor(Fault fault, String ofOther, String... ofOne)
      throws Exception {
    try (Scene scene = new Scene(false)) {
      FaultyServer server = scene.open(FaultyServer.start());
      scene.upstream(server.uri(), "");
      try (HeldGateway gateway =
          HeldGateway.start(scene.settings(), "trusted-proxies = [\"127.0.0.0/8\"]")) {
        server.fault(fault);
        List<String> states = new ArrayList<>();
        String id = "";
        long end = System.nanoTime() + WATCHED.toNanos();
        boolean first = true;
        while (System.nanoTime() < end) {
          Answer failed = Client.send(gateway.uri(), "GET", "/", "", ofOne);
          assertThat(failed.status()).isEqualTo(502);
          for (int i = 0; i < 4; i++) {
            Answer served = Client.send(gateway.uri(), "GET", "/", "", ofOther);
            assertThat(served.status()).isEqualTo(200);
          }
          List<JsonObject> all = gateway.incidents("");
          assertThat(all).hasSize(1);
          id = all.getFirst().get("incident").getAsString();
          states.add(all.getFirst().get("state").getAsString());
          TimeUnit.MILLISECONDS.sleep(first ? 200 : 2_700);
          first = false;
          states.add(gateway.incident(id).get("state").getAsString());
        }
        assertThat(states).containsOnly("open");

        server.mend();
        String incident = id;
        Await.until(
            "the end of the incident",
            Duration.ofSeconds(30),
            () -> {
              assertThat(Client.send(gateway.uri(), "GET", "/", "", ofOne).status()).isEqualTo(200);
              return gateway.incident(incident).get("state").getAsString().equals("recovered");
            });
      }
    }
  }
}
