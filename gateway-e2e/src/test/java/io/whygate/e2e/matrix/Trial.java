package io.whygate.e2e.matrix;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.whygate.e2e.matrix.Expected.Seen;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One run of a row: a gateway before the scene, the break, two requests, the mending.
///
/// Collects all that is not as expected, so that one run tells everything.
public final class Trial {
  private static final long BUDGET_MILLIS = 300;
  private static final double BUSY = 2;
  private static final Duration STALLED = Duration.ofMillis(50);
  private static final int AGAIN = 4;
  private static final int AGAIN_AFTER_WAIT = 1;
  private static final Duration TO_RECOVER = Duration.ofSeconds(8);
  private static final String WANTED = "Accept: application/problem+json";
  private static final Duration STEP = Duration.ofMillis(50);
  private static final List<String> STEPS =
      List.of("reload", "server", "dns", "logs", "firewall", "code", "host");
  private static final Set<String> STATES =
      Set.of("passed", "failed", "healed", "unknown", "skipped");

  private static final Pattern TOTAL = Pattern.compile("total;dur=([0-9.]+)");

  private final Row row;
  private final Stalls stalls;
  private final List<String> wrong = new ArrayList<>();

  /// What came of a row.
  ///
  /// @param found what was seen, in the words of what was expected
  /// @param isNamed whether the cause that was named is the right one
  /// @param firstMicros how long the first request took
  /// @param sharedMicros how long the second one took
  /// @param ownMicros how much of that came after the failure of its attempt; empty where the
  ///   answer does not tell
  /// @param wrong what was not as expected
  public record Result(
      Row row,
      String found,
      boolean isNamed,
      long firstMicros,
      long sharedMicros,
      OptionalLong ownMicros,
      List<String> wrong) {
    public Result {
      wrong = List.copyOf(wrong);
    }
  }

  private Trial(Row row, Stalls stalls) {
    this.row = row;
    this.stalls = stalls;
  }

  /// Runs a row. On a machine that is busy with other things it gets a second chance: a diagnosis
  /// that finds no processor within its budget is a poorer one, by design.
  public static Result run(Row row) throws Exception {
    try (Stalls stalls = new Stalls()) {
      Result result = new Trial(row, stalls).run();
      return result.wrong().isEmpty() || !isBusy(stalls) ? result : new Trial(row, stalls).run();
    }
  }

  /// Runs a row on a scene that is set before a gateway that is there, with a second chance as
  /// well, where the scene can be mended.
  static Result run(Row row, Scene scene, HeldGateway gateway) throws Exception {
    try (Stalls stalls = new Stalls()) {
      Result result = new Trial(row, stalls).run(scene, gateway);
      boolean isOver = result.wrong().isEmpty() || !isBusy(stalls) || !scene.recovers();
      return isOver ? result : new Trial(row, stalls).run(scene, gateway);
    }
  }

  private static boolean isBusy(Stalls stalls) {
    return load() >= BUSY || stalls.worst().compareTo(STALLED) >= 0;
  }

  private Result run() throws Exception {
    try (Scene scene = new Scene(!row.inherent().isZero())) {
      row.staging().stage(scene);
      try (HeldGateway gateway = HeldGateway.start(scene.settings())) {
        return run(scene, gateway);
      }
    }
  }

  private Result run(Scene scene, HeldGateway gateway) throws Exception {
    if (scene.worksFirst()) {
      for (int i = 0; i < 3; i++) {
        check("status before the break", 200, ask(scene, gateway).status());
      }
    }
    scene.breaking().run(gateway);
    LockSupport.parkNanos(scene.settling().toNanos());
    Answer first = ask(scene, gateway);
    Answer shared = askForShared(scene, gateway);
    JsonObject incident = incidentOf(gateway, first);
    examine(scene, first, incident);
    if (!scene.isChanging()) {
      examineShared(scene, first, shared);
    }
    examineDocuments(scene, gateway, first, text(incident, "incident"));
    if (row.expected().seen() != Seen.SERVED && scene.recovers()) {
      recovers(scene, gateway, text(incident, "incident"));
    }
    return new Result(
        row,
        found(first, incident),
        row.expected().cause().equals(text(incident, "cause")),
        first.micros(),
        shared.micros(),
        own(shared),
        wrong);
  }

  /// The second answer, on a kept connection; of a few the fastest, since rows run beside each
  /// other and wait for a processor, and since a second one may meet what the first did not.
  private Answer askForShared(Scene scene, HeldGateway gateway) throws IOException {
    try (Visitor visitor = new Visitor(gateway.uri())) {
      Answer fastest = ask(visitor, scene);
      int more = row.inherent().isZero() ? AGAIN : scene.isSparing() ? 0 : AGAIN_AFTER_WAIT;
      for (int i = 0; i < more && !scene.isChanging(); i++) {
        Answer next = ask(visitor, scene);
        fastest = next.micros() < fastest.micros() ? next : fastest;
      }
      return fastest;
    }
  }

  private static Answer ask(Visitor visitor, Scene scene) throws IOException {
    return visitor.ask(scene.method(), scene.path(), body(scene), WANTED);
  }

  private static Answer ask(Scene scene, HeldGateway gateway) throws IOException {
    return Client.send(gateway.uri(), scene.method(), scene.path(), body(scene), WANTED);
  }

  private static String body(Scene scene) {
    return scene.method().equals("POST") ? "order=1" : "";
  }

  /// The incident behind an answer, as operators see it; one of the expected cause, where the
  /// answer does not name it.
  private JsonObject incidentOf(HeldGateway gateway, Answer answer) throws IOException {
    String id = answer.field("whygate-incident").orElse("");
    if (!id.isEmpty()) {
      return gateway.incident(id);
    }
    until("an incident", Duration.ofSeconds(10), () -> !gateway.incidents("").isEmpty());
    List<JsonObject> all = gateway.incidents("");
    return all.isEmpty() ? new JsonObject() : all.getLast();
  }

  private void examine(Scene scene, Answer first, JsonObject incident) {
    Expected expected = row.expected();
    check("status", expected.status(), first.status());
    check("whole", expected.seen() != Seen.CUT, first.whole());
    check("cause of the incident", expected.cause(), text(incident, "cause"));
    if (!scene.isChanging()) {
      check("state of the incident", expected.state(), text(incident, "state"));
    }
    if (!expected.processed().isEmpty()) {
      check("request_processed", expected.processed(), text(incident, "request_processed"));
    }
    long limit = row.inherent().toMillis() + BUDGET_MILLIS + margin();
    if (first.millis() > limit) {
      wrong.add("took " + first.millis() + " ms (expected: <= " + limit + ")");
    }
    switch (expected.seen()) {
      case PAGE -> examinePage(first);
      case PASSED -> check("Whygate-Cause", expected.cause(), first.cause());
      case CUT, SERVED -> check("Whygate-Cause", "", first.cause());
    }
    if (!text(incident, "because").contains(expected.because())) {
      wrong.add(
          "because: " + text(incident, "because") + " (expected: " + expected.because() + ")");
    }
    if (incident.has("steps")) {
      examineSteps(incident, expected.seen() == Seen.SERVED ? "healed" : "failed");
    }
  }

  private void examinePage(Answer first) {
    Expected expected = row.expected();
    check("Whygate-Cause", expected.cause(), first.cause());
    check("error of Proxy-Status", expected.error(), first.error());
    check("Cache-Control", "no-store", first.field("cache-control").orElse(""));
    check("Vary", "Accept, Accept-Language", first.field("vary").orElse(""));
    check("Retry-After", true, first.field("retry-after").isPresent());
    check("Server-Timing", true, first.field("server-timing").isPresent());
    check("Content-Type", "application/problem+json", first.field("content-type").orElse(""));
    JsonObject document;
    try {
      document = first.json();
    } catch (RuntimeException e) {
      wrong.add("not a document: " + first.text());
      return;
    }
    check("type", "urn:whygate:cause:" + expected.cause(), text(document, "type"));
    check("cause", expected.cause(), text(document, "cause"));
    check("category", expected.cause().replaceFirst("\\..*", ""), text(document, "category"));
    check("status in the document", Integer.toString(expected.status()), text(document, "status"));
    check(
        "instance",
        "urn:whygate:incident:" + text(document, "incident"),
        text(document, "instance"));
    for (String member :
        List.of(
            "title",
            "detail",
            "symptom",
            "confidence",
            "retryable",
            "retry_after_s",
            "since",
            "elapsed_ms")) {
      check("has " + member, true, document.has(member));
    }
    examineSteps(document, "failed");
  }

  /// The seven, in order; one carries the cause, and it is the right one.
  private void examineSteps(JsonObject document, String carrying) {
    List<String> names = new ArrayList<>();
    List<String> carriers = new ArrayList<>();
    for (JsonElement each : document.getAsJsonArray("steps")) {
      JsonObject step = each.getAsJsonObject();
      names.add(text(step, "step"));
      if (!STATES.contains(text(step, "state"))) {
        wrong.add("state " + text(step, "state"));
      }
      if (text(step, "state").equals(carrying)) {
        carriers.add(text(step, "step"));
      }
    }
    check("steps", STEPS, names);
    check(
        "steps that are " + carrying,
        carrier().isEmpty() ? List.of() : List.of(carrier()),
        carriers);
  }

  private String carrier() {
    return switch (row.expected().cause().replaceFirst("\\..*", "")) {
      case "blip" -> "reload";
      case "server", "tls" -> "server";
      case "dns" -> "dns";
      case "firewall" -> "firewall";
      case "application" -> row.expected().byLog() ? "logs" : "code";
      case "gateway" -> "host";
      default -> "";
    };
  }

  private void examineShared(Scene scene, Answer first, Answer shared) {
    Expected expected = row.expected();
    check("status of the second", expected.status(), shared.status());
    if (expected.seen() == Seen.PAGE) {
      check("cause of the second", expected.cause(), shared.cause());
      check(
          "incident of the second",
          first.field("whygate-incident").orElse(""),
          shared.field("whygate-incident").orElse(""));
    }
    long examination = scene.isMeetingMore() ? BUDGET_MILLIS : 0;
    long limit = row.inherent().toMillis() + examination + margin();
    if (shared.millis() > limit) {
      wrong.add("the second took " + shared.millis() + " ms (expected: <= " + limit + ")");
    }
  }

  /// No visitor is told what lies behind, in whatever form and language.
  private void examineDocuments(Scene scene, HeldGateway gateway, Answer first, String incident)
      throws Exception {
    VisitorDocuments documents = new VisitorDocuments(scene, gateway, incident);
    boolean isSteady = !scene.isSparing() && !scene.isChanging();
    if (row.expected().seen() == Seen.PAGE && isSteady) {
      wrong.addAll(documents.ofReplies(first));
    }
    if (!incident.isEmpty()) {
      wrong.addAll(documents.ofIncident());
    }
  }

  private void recovers(Scene scene, HeldGateway gateway, String id) throws Exception {
    scene.mending().run(gateway);
    until("the site is served again", TO_RECOVER, () -> ask(scene, gateway).status() == 200);
    until(
        "the incident has recovered",
        TO_RECOVER,
        () -> text(gateway.incident(id), "state").equals("recovered"));
  }

  private void until(String what, Duration limit, Callable<Boolean> condition) {
    long end = System.nanoTime() + limit.toNanos();
    while (System.nanoTime() < end) {
      try {
        if (condition.call()) {
          return;
        }
      } catch (Exception e) {
        wrong.add(what + ": " + e);
        return;
      }
      LockSupport.parkNanos(STEP.toNanos());
    }
    wrong.add("not within " + limit.toMillis() + " ms: " + what);
  }

  private void check(String what, Object expected, Object found) {
    if (!expected.equals(found)) {
      wrong.add(what + ": " + found + " (expected: " + expected + ")");
    }
  }

  private String found(Answer first, JsonObject incident) {
    String cause = text(incident, "cause");
    String because = text(incident, "because");
    return switch (row.expected().seen()) {
          case PAGE ->
              first.status()
                  + " "
                  + first.cause()
                  + ", "
                  + first.error()
                  + ", "
                  + text(incident, "request_processed");
          case PASSED -> first.status() + " passed on, " + cause;
          case CUT -> (first.whole() ? "whole, " : "broken off, ") + cause;
          case SERVED -> first.status() + ", " + text(incident, "state") + " " + cause;
        }
        + (wrong.isEmpty() ? "" : " [" + because + "]");
  }

  /// What an answer took beyond the time from its request to its failure.
  private static OptionalLong own(Answer shared) {
    Matcher total = TOTAL.matcher(shared.field("server-timing").orElse(""));
    return total.find() && shared.error().length() > 0
        ? OptionalLong.of(shared.micros() - Math.round(Double.parseDouble(total.group(1)) * 1_000))
        : OptionalLong.empty();
  }

  private static String text(JsonObject document, String member) {
    return document.has(member) ? document.get(member).getAsString() : "";
  }

  /// What a busy machine may add: more, the more it has to do.
  private long margin() {
    return Math.round(200 * Math.clamp(load(), 1, 6)) + stalls.worst().toMillis();
  }

  /// How many want each processor.
  private static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()
        / Runtime.getRuntime().availableProcessors();
  }
}
