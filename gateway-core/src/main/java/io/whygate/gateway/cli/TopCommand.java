package io.whygate.gateway.cli;

import io.whygate.gateway.config.InvalidConfigException;
import io.whygate.gateway.config.reading.Json;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Shows a gateway that runs, live: what is broken, and the traffic of each upstream.
@Command(
    name = "top",
    description = {
      "Show a running gateway, live: what is broken, and the traffic of each upstream.",
      "Where the output is no terminal it is shown once."
    },
    versionProvider = VersionText.class,
    mixinStandardHelpOptions = true)
final class TopCommand implements Callable<Integer> {
  private static final int INCIDENTS = 20;
  // To the upper left, then what is below what was written is wiped: no flicker.
  private static final String HOME = "\u001b[H";
  private static final String TO_LINE_END = "\u001b[K";
  private static final String WIPE_BELOW = "\u001b[J";
  private static final String WIPE = "\u001b[2J";

  private final Terminal terminal;

  @Mixin private AdminOptions admin = new AdminOptions();

  @Option(
      names = {"-d", "--delay"},
      paramLabel = "SECONDS",
      description = "The time between two looks; 2 unless given.")
  private int delay = 2;

  @Option(
      names = {"-n", "--number"},
      paramLabel = "NUMBER",
      description = "So many looks, then an end; without end unless given.")
  private int number;

  TopCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try {
      AdminClient client = admin.client();
      Style style = Style.of(terminal);
      int looks = number > 0 ? number : style.colour() ? Integer.MAX_VALUE : 1;
      for (int look = 0; look < looks; look++) {
        if (look > 0) {
          Thread.sleep(Math.max(1, delay) * 1000L);
        }
        show(lines(client, style), style.colour(), look == 0);
      }
      return ExitCodes.OK;
    } catch (AdminClient.AdminException | IllegalArgumentException failure) {
      terminal.complain(String.valueOf(failure.getMessage()));
      return ExitCodes.FAILED;
    } catch (InvalidConfigException failure) {
      failure.problems().forEach(terminal.err()::println);
      return ExitCodes.USAGE;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return ExitCodes.OK;
    }
  }

  private static List<String> lines(AdminClient client, Style style)
      throws AdminClient.AdminException {
    return TopScreen.of(
        Json.parse(client.get("/api/upstreams")).objects("upstreams"),
        Json.parse(client.get("/api/traffic")),
        Json.parse(client.get("/api/incidents?state=open&limit=" + INCIDENTS)).objects("incidents"),
        Instant.now(),
        style);
  }

  private void show(List<String> lines, boolean redrawn, boolean first) {
    StringBuilder screen = new StringBuilder(redrawn ? (first ? WIPE : "") + HOME : "");
    for (String line : lines) {
      screen.append(line).append(redrawn ? TO_LINE_END : "").append('\n');
    }
    terminal.out().print(screen.append(redrawn ? WIPE_BELOW : ""));
    terminal.out().flush();
  }
}
