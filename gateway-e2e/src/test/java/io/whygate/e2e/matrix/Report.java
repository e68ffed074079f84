package io.whygate.e2e.matrix;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/// The table of what was found, in Markdown. Thread-safe.
public final class Report {
  private final Queue<Trial.Result> results = new ConcurrentLinkedQueue<>();

  public void add(Trial.Result result) {
    results.add(result);
  }

  /// Writes it as a file, by the causes. Rows that failed and are run again come beside the table,
  /// not over it.
  public void write(Path wanted) throws IOException {
    Path file = isOfThisRun(wanted) ? Path.of(wanted + ".again") : wanted;
    List<Trial.Result> sorted =
        results.stream()
            .sorted(
                Comparator.comparing((Trial.Result each) -> each.row().expected().cause())
                    .thenComparing(each -> each.row().name()))
            .toList();
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        """
        # The fault matrix

        First: the first answer after the break. Shared: the second one, on a connection that is kept;
        the fastest of five, or of two where there is a wait, as the rows share two processors. Wait: what has to pass by
        the settings before anybody can know. Page: what the gateway added to the failed attempt of
        the second one, by its own Server-Timing and clock; the rest of it is that attempt.

        | fault | expected | found | wait ms | first ms | shared ms | page ms |
        | --- | --- | --- | ---: | ---: | ---: | ---: |
        """
            + sorted.stream().map(Report::line).collect(Collectors.joining())
            + summary(sorted)
            + pairs(sorted));
  }

  private static boolean isOfThisRun(Path file) throws IOException {
    return Files.exists(file)
        && Files.getLastModifiedTime(file).toMillis()
            >= ManagementFactory.getRuntimeMXBean().getStartTime();
  }

  private static String line(Trial.Result result) {
    String wrong = result.wrong().isEmpty() ? "" : " **" + String.join("; ", result.wrong()) + "**";
    return "| %s | %s | %s%s | %d | %d | %.1f | %s |\n"
        .formatted(
            result.row().name(),
            result.row().expected(),
            result.found(),
            wrong.replace('|', '/').replace('\n', ' '),
            result.row().inherent().toMillis(),
            result.firstMicros() / 1_000,
            (result.sharedMicros() - result.row().inherent().toNanos() / 1_000) / 1_000.0,
            result.ownMicros().isPresent()
                ? "%.1f".formatted(result.ownMicros().getAsLong() / 1_000.0)
                : "");
  }

  private static String summary(List<Trial.Result> all) {
    long right = all.stream().filter(each -> each.wrong().isEmpty()).count();
    return """

    %d of %d as expected. The first cause named is the right one in %d of %d.

    | milliseconds | 50 %% | 90 %% | 99 %% | worst |
    | --- | ---: | ---: | ---: | ---: |
    | first answer, less the wait | %s |
    | shared answer, less the wait | %s |
    | of that: not the failed attempt | %s |
    """
        .formatted(
            right,
            all.size(),
            all.stream().filter(Trial.Result::isNamed).count(),
            all.size(),
            percentiles(all, each -> each.firstMicros() - wait(each)),
            percentiles(all, each -> each.sharedMicros() - wait(each)),
            percentiles(
                all.stream().filter(each -> each.ownMicros().isPresent()).toList(),
                each -> each.ownMicros().getAsLong()));
  }

  private static double wait(Trial.Result result) {
    return result.row().inherent().toNanos() / 1_000.0;
  }

  private static String percentiles(List<Trial.Result> all, ToDoubleFunction<Trial.Result> micros) {
    double[] sorted = all.stream().mapToDouble(micros).sorted().toArray();
    if (sorted.length == 0) {
      return "- | - | - | -";
    }
    return "%.1f | %.1f | %.1f | %.1f"
        .formatted(at(sorted, 0.5), at(sorted, 0.9), at(sorted, 0.99), at(sorted, 1));
  }

  private static double at(double[] sorted, double part) {
    return Math.max(0, sorted[(int) Math.ceil(part * sorted.length) - 1]) / 1_000;
  }

  private static String pairs(List<Trial.Result> all) {
    return """

    ## Pairs that must never be confused

    | pair | the one | found | the other | found |
    | --- | --- | --- | --- | --- |
    """
        + Pair.all().stream()
            .map(pair ->
                "| %s | %s | %s | %s | %s |\n"
                    .formatted(
                        pair.name(),
                        pair.one(),
                        found(all, pair.one()),
                        pair.other(),
                        found(all, pair.other())))
            .collect(Collectors.joining());
  }

  private static String found(List<Trial.Result> all, String row) {
    Optional<Trial.Result> result =
        all.stream().filter(each -> each.row().toString().equals(row)).findFirst();
    return result.map(each -> each.isNamed() ? "right" : "**wrong**").orElse("not run");
  }
}
