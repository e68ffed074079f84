package io.whygate.e2e.matrix;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// One run of a row with many visitors: all are told the one cause, and there is one incident of
/// it, as long as the fault lasts.
final class Crowd {
  private static final int PER_SECOND = 50;
  private static final Duration LASTS = Duration.ofSeconds(4);

  private Crowd() {}

  /// @return what was not as expected
  static List<String> run(Row row, Scene scene, HeldGateway gateway) throws Exception {
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int status = Client.get(gateway.uri(), "/").status();
      if (status != 200) {
        wrong.add("status before the break: " + status);
      }
    }
    String cause = row.expected().cause();
    scene.breaking().run(gateway);
    Map<String, Integer> told = Visitors.come(gateway.uri(), PER_SECOND, LASTS);
    List<JsonObject> incidents = gateway.incidents("");
    scene.mending().run(gateway);
    boolean isTold = told.keySet().stream().anyMatch(each -> !each.equals("200"));
    if (isTold == cause.isEmpty()
        || told.keySet().stream().anyMatch(each -> !each.equals("200") && !each.equals(cause))) {
      wrong.add("visitors were told " + told);
    }
    for (JsonObject each : incidents) {
      boolean isHealed = !cause.isEmpty() && each.get("state").getAsString().equals("healed");
      if (!isHealed && !each.get("cause").getAsString().equals(cause)) {
        wrong.add("an incident: " + gateway.incident(each.get("incident").getAsString()));
      }
    }
    return wrong;
  }
}
