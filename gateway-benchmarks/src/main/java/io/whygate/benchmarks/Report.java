package io.whygate.benchmarks;

import io.whygate.diagnostics.json.JsonWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The results as a table in Markdown, and as JSON.
final class Report {
  private final List<Row> rows;
  private final Map<String, String> peers;
  private final Results results;

  /// @param peers the peers' names and versions; the first is the gateway
  Report(List<Row> rows, Map<String, String> peers, Results results) {
    this.rows = rows;
    this.peers = peers;
    this.results = results;
  }

  /// What each costs, and the gateway beside each of the others.
  String table() {
    List<String> names = new ArrayList<>(peers.keySet());
    StringBuilder text = new StringBuilder("| work | unit |");
    names.forEach(name -> text.append(' ').append(name).append(" |"));
    names.stream().skip(1).forEach(name -> text.append(" / ").append(name).append(" |"));
    text.append(" bar | p99 ms: ").append(String.join(", ", names)).append(" |\n| --- | --- |");
    text.append(" ---: |".repeat(names.size() * 2 - 1)).append(" --- | --- |\n");
    for (Row row : rows) {
      line(text, row, names);
    }
    return text.toString();
  }

  private void line(StringBuilder text, Row row, List<String> names) {
    Map<String, Results.Outcome> outcomes = results.row(row);
    text.append("| ").append(row.title()).append(" | ").append(row.unit()).append(" |");
    for (String name : names) {
      Results.Outcome outcome = outcomes.get(name);
      text.append(' ').append(outcome == null ? "" : cost(outcome)).append(" |");
    }
    double own = costOf(outcomes, names.getFirst());
    for (String name : names.subList(1, names.size())) {
      double ratio = own / costOf(outcomes, name);
      text.append(' ').append(Double.isNaN(ratio) ? "" : number(ratio, 2)).append(" |");
    }
    text.append(' ').append(bars(row, outcomes, own)).append(" | ");
    List<String> tails = new ArrayList<>();
    for (String name : names) {
      Results.Outcome outcome = outcomes.get(name);
      if (outcome != null && !outcome.samples.isEmpty()) {
        tails.add(number(outcome.median(Sample::p99), 2));
      }
    }
    text.append(String.join(", ", tails)).append(" |\n");
  }

  private static double costOf(Map<String, Results.Outcome> outcomes, String name) {
    Results.Outcome outcome = outcomes.get(name);
    return outcome == null ? Double.NaN : outcome.cost();
  }

  private static String cost(Results.Outcome outcome) {
    if (!outcome.failure.isEmpty()) {
      return "failed";
    }
    String errors = outcome.errors() > 0 ? " (" + outcome.errors() + " errors)" : "";
    return number(outcome.cost(), outcome.cost() >= 100 ? 0 : 1) + errors;
  }

  private static String bars(Row row, Map<String, Results.Outcome> outcomes, double own) {
    List<String> bars = new ArrayList<>();
    row.bars()
        .forEach((peer, bar) -> {
          double ratio = own / costOf(outcomes, peer);
          if (!Double.isNaN(ratio)) {
            bars.add(
                (ratio <= bar ? "met" : "missed") + " (" + number(bar, 2) + " of " + peer + ")");
          }
        });
    if (!Double.isNaN(row.most()) && !Double.isNaN(own)) {
      bars.add((own <= row.most() ? "met" : "missed") + " (" + number(row.most(), 0) + ")");
    }
    bars.sort(null);
    return String.join(", ", bars);
  }

  private static String number(double value, int digits) {
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  /// All of it: each round of each peer in each row.
  String json() {
    JsonWriter json = new JsonWriter().object();
    json.member("time", Instant.now()).member("processor", Machine.processor());
    json.member("kernel", System.getProperty("os.version"));
    json.member("java", System.getProperty("java.vm.version"));
    json.name("peers").object();
    peers.forEach(json::member);
    json.end().name("rows").array();
    for (Row row : rows) {
      json.object().member("row", row.key()).member("title", row.title());
      json.member("unit", row.unit()).name("peers").array();
      results.row(row).forEach((name, outcome) -> outcome(json, name, outcome));
      json.end().end();
    }
    return json.end().end().toString();
  }

  private static void outcome(JsonWriter json, String name, Results.Outcome outcome) {
    json.object().member("peer", name);
    if (!outcome.failure.isEmpty()) {
      json.member("failure", outcome.failure);
    }
    if (!outcome.costs.isEmpty()) {
      json.member("cost", outcome.cost());
    }
    json.name("costs").array();
    outcome.costs.stream().filter(Double::isFinite).forEach(json::value);
    json.end().member("errors", outcome.errors()).member("warm-ups", outcome.warmUps);
    if (!Double.isNaN(outcome.residentMebibytes)) {
      json.member("resident-mib", outcome.residentMebibytes);
    }
    json.name("rounds").array();
    for (Sample each : outcome.samples) {
      json.object();
      json.member("requests", each.requests()).member("errors", each.errors());
      json.member("seconds", each.seconds()).member("cpu-seconds", each.cpuSeconds());
      finite(json, "p50-ms", each.p50());
      finite(json, "p90-ms", each.p90());
      finite(json, "p99-ms", each.p99());
      json.end();
    }
    json.end().end();
  }

  private static void finite(JsonWriter json, String name, double value) {
    if (Double.isFinite(value)) {
      json.member(name, value);
    }
  }
}
