package io.whygate.e2e.matrix;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;

/// The table of what was found, in Markdown. Thread-safe.
public final class Report {
  private final Queue<Trial.Result> results = new ConcurrentLinkedQueue<>();

  public void add(Trial.Result result) {
    results.add(result);
  }

  /// Writes it as a file, by the causes.
  public void write(Path file) throws IOException {
    List<Trial.Result> sorted =
        results.stream()
            .sorted(
                Comparator.comparing((Trial.Result each) -> each.row().expected().cause())
                    .thenComparing(each -> each.row().name()))
            .toList();
    String rows = sorted.stream().map(Report::line).collect(Collectors.joining());
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        """
        # The fault matrix

        First: the first answer after the break. Shared: the second one. Wait: what has to pass by
        the settings before anybody can know.

        | fault | expected | found | wait ms | first ms | shared ms |
        | --- | --- | --- | ---: | ---: | ---: |
        """
            + rows
            + "\n"
            + sorted.stream().filter(each -> each.wrong().isEmpty()).count()
            + " of "
            + sorted.size()
            + " as expected.\n");
  }

  private static String line(Trial.Result result) {
    String wrong = result.wrong().isEmpty() ? "" : " **" + String.join("; ", result.wrong()) + "**";
    return "| %s | %s | %s%s | %d | %d | %d |\n"
        .formatted(
            result.row().name(),
            result.row().expected(),
            result.found(),
            wrong.replace('|', '/').replace('\n', ' '),
            result.row().inherent().toMillis(),
            result.firstMillis(),
            result.sharedMillis());
  }
}
