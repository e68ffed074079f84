package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.whygate.e2e.lab.Await;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// A gateway that is killed outright and started again.
class KeptStateTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  private static String settings(FaultyServer server, Folder state) {
    return GatewayProcess.oneSite(server.uri(), "connect-timeout = 1s")
        + "state { directory = \"%s\", save-every = 200ms }\n".formatted(state.path());
  }

  @Test
  void watchesOnWhatWasOpenAndLosesATornRecordAlone() throws Exception {
    try (Folder state = Folder.create("state");
        FaultyServer server = FaultyServer.start()) {
      Path journal = state.path().resolve("incidents.journal");
      JsonObject before;
      try (GatewayProcess gateway = GatewayProcess.start(settings(server, state))) {
        assertThat(gateway.get("/").statusCode()).isEqualTo(200);
        Await.until("the memory is kept", SOON, () -> Files.exists(state.path().resolve("memory")));
        server.fault(new Fault.NothingListens());
        assertThat(gateway.get("/order").statusCode()).isEqualTo(502);
        before = gateway.incident("server.port-closed");
        String id = before.get("incident").getAsString();
        Await.until(
            "the incident and its exchange are kept",
            SOON,
            () ->
                Files.readString(journal).contains("\"recorded\":\"FIRST\",\"incident\":\"" + id));
        gateway.process().signal("KILL");
        gateway.process().awaitExit(SOON);
      }
      Files.writeString(journal, Files.readString(journal) + "0badf00d {\"id\":\"torn");

      try (GatewayProcess gateway = GatewayProcess.start(settings(server, state))) {
        JsonObject after = gateway.incident("server.port-closed");
        assertThat(after.get("incident")).isEqualTo(before.get("incident"));
        assertThat(after.get("since")).isEqualTo(before.get("since"));
        assertThat(after.get("state").getAsString()).isEqualTo("open");
        assertThat(after.getAsJsonArray("evidence")).isNotEmpty();
        assertThat(gateway.output()).contains("1 damaged records were left out");
        String recorded = "/api/incidents/" + before.get("incident").getAsString();
        assertThat(gateway.admin(recorded + ".har").body()).contains("/order");
        assertThat(gateway.admin(recorded + ".curl").body()).contains("curl").contains("/order");

        server.mend();
        Await.until(
            "its own probe sees that it works again",
            SOON,
            () -> stateOf(gateway).equals("recovered"));
      }
      try (GatewayProcess gateway = GatewayProcess.start(settings(server, state))) {
        assertThat(stateOf(gateway)).isEqualTo("recovered");
      }
    }
  }

  @Test
  void startsAnewFromFilesThatAreNotItsOwn() throws Exception {
    try (Folder state = Folder.create("state");
        FaultyServer server = FaultyServer.start()) {
      state.write("memory", "whygate-memory 0 00000000\n{}");
      state.write("incidents.journal", "something else\n");
      try (GatewayProcess gateway = GatewayProcess.start(settings(server, state))) {
        assertThat(gateway.get("/").statusCode()).isEqualTo(200);
        assertThat(gateway.output()).contains("is ignored").contains("was put aside");
        assertThat(gateway.admin("/api/incidents").body()).contains("\"incidents\":[]");
      }
    }
  }

  private static String stateOf(GatewayProcess gateway) throws Exception {
    JsonArray incidents =
        JsonParser.parseString(gateway.admin("/api/incidents").body())
            .getAsJsonObject()
            .getAsJsonArray("incidents");
    assertThat(incidents).hasSize(1);
    return incidents.get(0).getAsJsonObject().get("state").getAsString();
  }
}
