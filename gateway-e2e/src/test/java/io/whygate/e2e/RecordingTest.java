package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.LabProcess;
import io.whygate.e2e.lab.Place;
import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The recording of a failed exchange, from the built program: as an archive, as a command that a
/// real shell runs, and sent again by `whygate replay`.
final class RecordingTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static List<Fault> faults() {
    return List.of(
        new Fault.NothingListens(),
        new Fault.CloseBeforeResponse(),
        new Fault.ResetBeforeResponse(),
        new Fault.GarbageResponse());
  }

  @ParameterizedTest
  @MethodSource("faults")
  void theArchiveKeepsTheRulesAndNoSecret(Fault fault) throws Exception {
    try (FaultyServer server = FaultyServer.start();
        GatewayProcess gateway = GatewayProcess.before(server.uri(), "")) {
      server.fault(fault);
      String id = "";
      for (String path : List.of("/first?token=topsecret", "/last?page=%22%3C")) {
        HttpResponse<String> answer =
            gateway.get(
                path, "Authorization", "Bearer topsecret", "Cookie", "sid=topsecret", "X-A", "b");
        id = answer.headers().firstValue("Whygate-Incident").orElseThrow();
      }
      HttpResponse<String> answer = gateway.admin("/api/incidents/" + id + ".har");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).doesNotContain("topsecret");
      JsonObject archive = JsonParser.parseString(answer.body()).getAsJsonObject();
      assertThat(HarRules.problemsOf(archive)).isEmpty();
      JsonArray entries = archive.getAsJsonObject("log").getAsJsonArray("entries");
      JsonObject last = entries.get(entries.size() - 1).getAsJsonObject();
      assertThat(last.get("pageref").getAsString()).isEqualTo("last");
      assertThat(last.getAsJsonObject("request").get("url").getAsString())
          .isEqualTo(server.uri() + "/last?page=%22%3C");
      assertThat(last.getAsJsonObject("_whygate").getAsJsonArray("redacted").toString())
          .contains("Authorization", "Cookie");
      assertThat(gateway.admin("/api/incidents/" + id).body())
          .contains("\"recording\":{\"har\":\"/api/incidents/" + id + ".har\"")
          .doesNotContain("topsecret");
    }
  }

  @Test
  void theCommandCanBePastedAndTheReplayTellsWhenItWorks() throws Exception {
    try (Folder folder = Folder.create("replay");
        FaultyServer server = FaultyServer.start();
        GatewayProcess gateway = GatewayProcess.before(server.uri(), "")) {
      server.fault(new Fault.CloseBeforeResponse());
      String id =
          gateway
              .get("/bytes/5?q='$(id)'", "X-Quote", "it's \"$(id)\" `id`", "Cookie", "a=b")
              .headers()
              .firstValue("Whygate-Incident")
              .orElseThrow();
      String command = gateway.admin("/api/incidents/" + id + ".curl").body();
      assertThat(replay(gateway, folder, id, 1)).contains("It fails as it did: ");
      server.mend();
      assertThat(LabProcess.run(Place.HERE, folder.path(), "bash", "-c", command))
          .contains("> GET /bytes/5?q=", "> X-Quote: it's \"$(id)\" `id`", "HTTP/1.1 200")
          .doesNotContain("uid=");
      assertThat(replay(gateway, folder, id, 0)).contains("It works now: the server answers 200");
    }
  }

  private static String replay(GatewayProcess gateway, Folder folder, String id, int status) {
    try (LabProcess replay =
        GatewayProcess.command(
            folder.path(),
            Map.of("LC_ALL", "C.UTF-8"),
            "replay",
            id,
            "--admin",
            gateway.adminUri().toString())) {
      assertThat(replay.awaitExit(PATIENCE)).as(replay.output()).isEqualTo(status);
      return replay.output();
    }
  }
}
