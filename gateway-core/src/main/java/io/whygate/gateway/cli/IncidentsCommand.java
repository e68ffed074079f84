package io.whygate.gateway.cli;

import io.whygate.gateway.config.InvalidConfigException;
import io.whygate.gateway.config.Settings;
import io.whygate.gateway.config.reading.ConfigReader;
import io.whygate.gateway.config.reading.Json;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Lists the incidents of a gateway that runs, or tells one in full.
@Command(
    name = "incidents",
    description = "List the incidents of a running gateway, or tell one in full.",
    versionProvider = Version.class,
    mixinStandardHelpOptions = true)
final class IncidentsCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Parameters(arity = "0..1", paramLabel = "ID", description = "The incident to tell in full.")
  private String id = "";

  @Option(
      names = "--admin",
      paramLabel = "URL",
      description = "The admin interface; that of config/gateway.conf, else http://127.0.0.1:9180.")
  private String admin = "";

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description = "Its token; WHYGATE_ADMIN_TOKEN, else that of config/gateway.conf.")
  private String token = Objects.requireNonNullElse(System.getenv("WHYGATE_ADMIN_TOKEN"), "");

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "The configuration of the gateway that runs.")
  private @Nullable Path config;

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

  @Option(names = "--json", description = "The JSON as it comes.")
  private boolean json;

  IncidentsCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try {
      AdminClient client = client();
      String path = id.isEmpty() ? "/api/incidents" + query() : "/api/incidents/" + encoded(id);
      String body = client.get(path);
      if (json) {
        terminal.out().println(body);
        return ExitCodes.OK;
      }
      Json document = Json.parse(body);
      List<Json> incidents = document.objects("incidents");
      List<String> lines =
          !id.isEmpty()
              ? Report.of(document)
              : incidents.isEmpty()
                  ? List.of("No incidents.")
                  : IncidentTable.of(incidents, Instant.now());
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

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private AdminClient client() throws InvalidConfigException {
    Path file = config == null ? ConfigOption.defaultFile() : config;
    if (admin.isEmpty() && (config != null || Files.exists(file))) {
      Settings.AdminSettings known = new ConfigReader().read(file).settings().admin();
      InetAddress address = known.bind().getAddress();
      InetAddress asked = address.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address;
      String host = asked.getHostAddress();
      String url = "http://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":";
      return new AdminClient(
          URI.create(url + known.bind().getPort()), token.isEmpty() ? known.token() : token);
    }
    String url = admin.isEmpty() ? "127.0.0.1:9180" : admin;
    return new AdminClient(URI.create(url.contains("://") ? url : "http://" + url), token);
  }
}
