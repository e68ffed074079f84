package io.whygate.e2e.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// Where only one path, method, client, size or server fails, operators are told so, with counts;
/// where all fail, nothing of the kind is claimed.
@Execution(ExecutionMode.CONCURRENT)
class NarrowFaultsTest {
  private static final String CLIENT = "trusted-proxies = [\"127.0.0.0/8\"]";
  private static final int TIMES = 4;
  private static final Fault.OnRequest CLOSES = new Fault.CloseBeforeResponse();

  /// Loads what a first request and a first failure have to load.
  @BeforeAll
  static void warmUp() throws Exception {
    for (Row row : Rows.warmUp()) {
      Trial.run(row);
    }
  }

  /// A request that a visitor makes while something is broken.
  @FunctionalInterface
  private interface Asked {
    Answer of(HeldGateway gateway) throws IOException;
  }

  private static Asked get(String path, String... fields) {
    return gateway -> Client.send(gateway.uri(), "GET", path, "", fields);
  }

  private static Asked post(String path, int bytes) {
    return gateway -> Client.send(gateway.uri(), "POST", path, "x".repeat(bytes));
  }

  /// What operators are told where some fail and others do not, in turns.
  private static JsonObject told(Fault fault, List<Asked> failing, List<Asked> answered)
      throws Exception {
    try (Scene scene = new Scene(false)) {
      FaultyServer server = scene.open(FaultyServer.start());
      scene.upstream(server.uri(), "");
      try (HeldGateway gateway = HeldGateway.start(scene.settings(), CLIENT)) {
        assertThat(Client.get(gateway.uri(), "/").status()).isEqualTo(200);
        server.fault(fault);
        String id = "";
        for (int i = 0; i < TIMES; i++) {
          for (Asked each : failing) {
            Answer answer = each.of(gateway);
            assertThat(answer.status()).isEqualTo(502);
            id = answer.field("whygate-incident").orElseThrow();
          }
          for (Asked each : answered) {
            assertThat(each.of(gateway).status()).isEqualTo(200);
          }
        }
        JsonObject incident = gateway.incident(id);
        // Beside the cause, and among the evidence: the same words.
        List<String> words = words(incident);
        assertThat(words)
            .allSatisfy(each -> {
              assertThat(incident.get("because").getAsString()).contains(each);
              assertThat(traffic(incident)).contains(each);
            });
        return incident;
      }
    }
  }

  private static List<String> words(JsonObject incident) {
    List<String> words = new ArrayList<>();
    for (JsonElement each : incident.getAsJsonArray("scope")) {
      words.add(each.getAsJsonObject().get("words").getAsString());
    }
    return words;
  }

  private static String traffic(JsonObject incident) {
    return incident.getAsJsonArray("evidence").asList().stream()
        .map(JsonElement::getAsJsonObject)
        .filter(each -> each.get("probe").getAsString().equals("traffic"))
        .map(each -> each.get("answer").getAsString())
        .findFirst()
        .orElse("");
  }

  @Test
  void onePath() throws Exception {
    JsonObject incident =
        told(
            new Fault.PathFailure("/checkout", CLOSES),
            List.of(get("/checkout")),
            List.of(get("/"), get("/about")));
    assertThat(words(incident))
        .containsExactly(
            "So far only the path /checkout fails: 4 of 4 requests failed, 0 of 8 for 2 other"
                + " paths.");
  }

  @Test
  void oneMethod() throws Exception {
    JsonObject incident =
        told(
            new Fault.MethodFailure("POST", CLOSES),
            List.of(post("/", 10)),
            List.of(get("/"), get("/about"), get("/")));
    assertThat(words(incident))
        .containsExactly(
            "So far only the method POST fails: 4 of 4 POST requests failed, 0 of 12 by GET.");
  }

  @Test
  void everyMethodIsNotOneMethod() throws Exception {
    JsonObject incident = told(CLOSES, List.of(post("/", 10), get("/"), get("/about")), List.of());
    assertThat(words(incident)).isEmpty();
    assertThat(incident.get("because").getAsString()).doesNotContain("only");
    assertThat(traffic(incident))
        .isEqualTo("12 of 12 failed: all that came, whatever they asked for");
  }

  @Test
  void aLargeCookie() throws Exception {
    JsonObject incident =
        told(
            new Fault.SizeFailure(7_168, 0, CLOSES),
            List.of(get("/", "Cookie: a=" + "x".repeat(7_800))),
            List.of(get("/", "Cookie: a=" + "x".repeat(700)), get("/")));
    assertThat(words(incident))
        .containsExactly(
            "So far only requests with a field Cookie of 7.5 KiB or more fail: 4 of 4 requests"
                + " failed, 0 of 8 with fields of up to 704 bytes.");
  }

  @Test
  void aLargeBody() throws Exception {
    JsonObject incident =
        told(
            new Fault.SizeFailure(0, 100_000, CLOSES),
            List.of(post("/", 150_000)),
            List.of(post("/", 20_000), get("/")));
    assertThat(words(incident))
        .containsExactly(
            "So far only requests with a body of 144 KiB or more fail: 4 of 4 requests failed, 0 of"
                + " 4 with bodies of up to 20 KiB.");
  }

  @Test
  void oneClientWhoseAddressIsNotTold() throws Exception {
    JsonObject incident =
        told(
            new Fault.SizeFailure(400, 0, CLOSES),
            List.of(get("/", "X-Forwarded-For: 192.0.2.7", "Cookie: a=" + "x".repeat(500))),
            List.of(
                get("/", "X-Forwarded-For: 192.0.2.8"),
                get("/", "X-Forwarded-For: 2001:db8::1"),
                get("/", "X-Forwarded-For: 192.0.2.9")));
    assertThat(words(incident)).hasSize(1);
    assertThat(words(incident).getFirst())
        .matches(
            "So far only the client [0-9a-f]{8} fails: 4 of 4 requests failed, 0 of 12 of 3 other"
                + " clients\\.");
    assertThat(incident.toString()).doesNotContain("192.0.2.7");
  }

  @Test
  void oneServerOfThree() throws Exception {
    try (Scene scene = new Scene(false)) {
      FaultyServer one = scene.open(FaultyServer.start());
      FaultyServer other = scene.open(FaultyServer.start());
      FaultyServer third = scene.open(FaultyServer.start());
      scene.upstream(one.uri() + "\", \"" + other.uri() + "\", \"" + third.uri(), "");
      try (HeldGateway gateway = HeldGateway.start(scene.settings())) {
        one.fault(CLOSES);
        for (int i = 0; i < 10 * TIMES; i++) {
          assertThat(Client.get(gateway.uri(), "/").status()).isEqualTo(200);
        }
        JsonObject healed = gateway.incidents("").getFirst();
        List<String> words = words(gateway.incident(healed.get("incident").getAsString()));
        assertThat(words).hasSize(1);
        assertThat(words.getFirst())
            .startsWith("So far only the server " + one.uri() + " fails: ")
            .contains(" at 2 other servers");
      }
    }
  }
}
