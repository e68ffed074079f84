package io.whygate.gateway.cli;

import io.whygate.gateway.cli.Style.Tone;
import io.whygate.gateway.config.reading.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// What `whygate top` shows: the open incidents, then a line for each upstream.
final class TopScreen {
  private static final List<String> HEADINGS =
      List.of("UPSTREAM", "STATE", "REQ/S", "ERRORS", "P50", "P95", "BUSY", "IDLE", "WAIT");
  private static final int LATEST = 6;

  private TopScreen() {}

  /// @param traffic the document of `/api/traffic`
  /// @param incidents those that are open
  static List<String> of(
      List<Json> upstreams, Json traffic, List<Json> incidents, Instant now, Style style) {
    List<String> lines = new ArrayList<>();
    lines.add(
        incidents.isEmpty()
            ? style.mark(Tone.GOOD) + style.in(Tone.STRONG, "Nothing is broken.")
            : style.mark(Tone.BAD)
                + style.in(
                    Tone.STRONG,
                    incidents.size() == 1
                        ? "One incident is open."
                        : incidents.size() + " incidents are open."));
    if (!incidents.isEmpty()) {
      lines.add("");
      lines.addAll(IncidentTable.of(incidents, now, style));
    }
    lines.add("");
    Set<String> broken =
        incidents.stream().map(each -> each.text("upstream")).collect(Collectors.toSet());
    lines.addAll(table(upstreams, traffic, broken, style));
    return lines;
  }

  private static List<String> table(
      List<Json> upstreams, Json traffic, Set<String> broken, Style style) {
    List<Json> samples = traffic.objects("samples");
    List<Json> latest = samples.subList(Math.max(0, samples.size() - LATEST), samples.size());
    double seconds = Math.max(1, latest.size() * traffic.number("interval_s"));
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEADINGS);
    upstreams.forEach(each -> rows.add(row(each, latest, seconds, style)));
    int[] widths =
        IntStream.range(0, HEADINGS.size())
            .map(column -> rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0))
            .toArray();
    List<String> lines = new ArrayList<>();
    lines.add("  " + line(rows.getFirst(), widths, Tone.QUIET, style));
    for (List<String> row : rows.subList(1, rows.size())) {
      boolean well = row.get(1).equals("ok") && !broken.contains(row.getFirst());
      Tone tone = well ? Tone.GOOD : Tone.BAD;
      lines.add(style.mark(tone) + line(row, widths, tone, style));
    }
    return lines;
  }

  private static String line(List<String> row, int[] widths, Tone tone, Style style) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < row.size(); i++) {
      String cell = row.get(i);
      String shown = tone == Tone.QUIET || i == 1 ? style.in(tone, cell) : cell;
      String room = " ".repeat(widths[i] - cell.length());
      // Words begin, numbers end, at the same column.
      line.append(i < 2 ? shown + room : room + shown).append(i == row.size() - 1 ? "" : "  ");
    }
    return line.toString().stripTrailing();
  }

  private static List<String> row(Json upstream, List<Json> latest, double seconds, Style style) {
    String name = upstream.text("name");
    long requests = 0;
    long errors = 0;
    String median = "-";
    String high = "-";
    for (Json sample : latest) {
      for (Json each : sample.objects("upstreams")) {
        if (each.text("name").equals(name)) {
          requests += each.number("requests");
          errors += each.number("server_errors");
          if (!each.text("p50_ms").isEmpty()) {
            median = millis(each.text("p50_ms"));
            high = millis(each.text("p95_ms"));
          }
        }
      }
    }
    long busy = 0;
    long idle = 0;
    long waiting = 0;
    for (Json endpoint : upstream.objects("endpoints")) {
      busy += endpoint.number("pool.active");
      idle += endpoint.number("pool.idle");
      waiting += endpoint.number("pool.pending");
    }
    return List.of(
        style.safe(name),
        state(upstream, style),
        String.format(Locale.ROOT, "%.1f", requests / seconds),
        requests == 0 ? "0%" : String.format(Locale.ROOT, "%.1f%%", 100.0 * errors / requests),
        median,
        high,
        Long.toString(busy),
        Long.toString(idle),
        Long.toString(waiting));
  }

  private static String state(Json upstream, Style style) {
    if (!upstream.text("circuit").equals("closed")) {
      return "circuit " + style.safe(upstream.text("circuit"));
    }
    if (upstream.has("maintenance")) {
      return "maintenance";
    }
    List<Json> endpoints = upstream.objects("endpoints");
    long fit = endpoints.stream().filter(each -> each.text("state").equals("healthy")).count();
    return fit == endpoints.size() ? "ok" : fit + " of " + endpoints.size() + " fit";
  }

  private static String millis(String text) {
    double millis = Double.parseDouble(text);
    return millis < 10_000
        ? String.format(Locale.ROOT, millis < 10 ? "%.1fms" : "%.0fms", millis)
        : String.format(Locale.ROOT, "%.1fs", millis / 1000);
  }
}
