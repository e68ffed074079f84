package io.whygate.gateway.cli;

import io.whygate.gateway.config.InvalidConfigException;
import io.whygate.gateway.config.reading.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Lists the incidents of a gateway that runs, or tells one in full.
@Command(
    name = "incidents",
    description = "List the incidents of a running gateway, or tell one in full.",
    versionProvider = VersionText.class,
    mixinStandardHelpOptions = true)
final class IncidentsCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Parameters(arity = "0..1", paramLabel = "ID", description = "The incident to tell in full.")
  private String id = "";

  @Mixin private AdminOptions admin = new AdminOptions();

  @Option(names = "--upstream", paramLabel = "NAME", description = "Those of one upstream.")
  private String upstream = "";

  @Option(names = "--cause", paramLabel = "CODE", description = "Those of one cause.")
  private String cause = "";

  @Option(names = "--state", paramLabel = "STATE", description = "open, recovered or healed.")
  private String state = "";

  @Option(
      names = "--limit",
      paramLabel = "NUMBER",
      description = "At most so many; 50 unless given.")
  private int limit = 50;

  @Option(
      names = {"-v", "--verbose"},
      description = "With the evidence, and what was considered beside the cause.")
  private boolean verbose;

  @Option(names = "--json", description = "The JSON as it comes.")
  private boolean json;

  IncidentsCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try {
      AdminClient client = admin.client();
      String path = id.isEmpty() ? "/api/incidents" + query() : "/api/incidents/" + encoded(id);
      String body = client.get(path);
      if (json) {
        terminal.out().println(body);
        return ExitCodes.OK;
      }
      Json document = Json.parse(body);
      List<Json> incidents = document.objects("incidents");
      Style style = Style.of(terminal);
      List<String> lines =
          !id.isEmpty()
              ? IncidentReport.of(document, style, verbose)
              : incidents.isEmpty()
                  ? List.of("No incidents.")
                  : IncidentTable.of(incidents, Instant.now(), style);
      lines.forEach(terminal.out()::println);
      return ExitCodes.OK;
    } catch (AdminClient.AdminException | IllegalArgumentException failure) {
      terminal.complain(String.valueOf(failure.getMessage()));
      return ExitCodes.FAILED;
    } catch (InvalidConfigException failure) {
      failure.problems().forEach(terminal.err()::println);
      return ExitCodes.USAGE;
    }
  }

  private String query() {
    StringBuilder query = new StringBuilder("?limit=" + limit);
    filter(query, "upstream", upstream);
    filter(query, "cause", cause);
    filter(query, "state", state);
    return query.toString();
  }

  private static void filter(StringBuilder query, String name, String value) {
    if (!value.isEmpty()) {
      query.append('&').append(name).append('=').append(encoded(value));
    }
  }

  /// A text as a part of a path or a query.
  static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
