package io.whygate.gateway.cli;

import io.whygate.gateway.GatewayStartException;
import io.whygate.gateway.Inspection;
import io.whygate.gateway.admin.Operations;
import io.whygate.gateway.config.InvalidConfigException;
import io.whygate.gateway.config.LoadedConfig;
import io.whygate.gateway.config.NotificationSettings;
import io.whygate.gateway.config.Problem;
import io.whygate.gateway.config.Settings;
import io.whygate.gateway.config.reading.ConfigReader;
import io.whygate.gateway.config.reading.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Asks a server once and explains what is wrong, without any gateway in between.
@Command(
    name = "diagnose",
    description = {
      "Ask a server once and explain what is wrong with it.",
      "Exit code 0: it answers; 1: a cause was found; 2: wrong usage."
    },
    versionProvider = VersionText.class,
    mixinStandardHelpOptions = true)
final class DiagnoseCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Parameters(paramLabel = "URL", description = "http://HOST[:PORT][/PATH] or https://...")
  private String url = "";

  @Option(
      names = "--dns",
      paramLabel = "ADDR:PORT",
      description = "The resolver to ask instead of the system's. May be repeated.")
  private List<String> dns = List.of();

  @Option(
      names = {"-v", "--verbose"},
      description = "With the evidence, and what was considered beside the cause.")
  private boolean verbose;

  @Option(names = "--json", description = "The whole finding as JSON.")
  private boolean json;

  DiagnoseCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    int path = url.indexOf('/', Math.max(url.indexOf("://") + 3, 0));
    String target = url.contains("://") && path >= 0 ? url.substring(path) : "/";
    if (!target.matches("[!-~&&[^#]]*")) {
      terminal.complain("URL: \"" + url + "\" (expected: a path as sent: percent-encoded, no #)");
      return ExitCodes.USAGE;
    }
    try {
      LoadedConfig config = config(path >= 0 && url.contains("://") ? url.substring(0, path) : url);
      Operations.Examination found = Inspection.of(config, target);
      return found.healthy() ? healthy() : sick(found.document());
    } catch (InvalidConfigException failure) {
      failure.problems().forEach(problem -> terminal.complain(asArgument(problem).toString()));
      return ExitCodes.USAGE;
    } catch (GatewayStartException failure) {
      terminal.complain(String.valueOf(failure.getMessage()));
      return ExitCodes.FAILED;
    }
  }

  private int healthy() {
    terminal
        .out()
        .println(
            json
                ? "{\"healthy\":true,\"url\":\"" + url.replace("\"", "%22") + "\"}"
                : healthyLine());
    return ExitCodes.OK;
  }

  private String healthyLine() {
    Style style = Style.of(terminal);
    return style.mark(Style.Tone.GOOD)
        + style.in(Style.Tone.GOOD, url + " answers: nothing is wrong.");
  }

  private int sick(String document) {
    if (json) {
      terminal.out().println(document);
    } else {
      Style style = Style.of(terminal);
      terminal.out().println(style.in(Style.Tone.QUIET, url));
      terminal.out().println();
      Report.of(Json.parse(document), style, verbose).forEach(terminal.out()::println);
    }
    return ExitCodes.FAILED;
  }

  /// One upstream, no listener; patience for an answer as a person has it.
  private LoadedConfig config(String endpoint) throws InvalidConfigException {
    Map<String, Object> whygate = new LinkedHashMap<>();
    whygate.put("listeners", List.of(Map.of("bind", "127.0.0.1:0")));
    whygate.put("admin", Map.of("enabled", false));
    whygate.put("access-log", Map.of("enabled", false));
    whygate.put("event-loops", 1);
    whygate.put("dns", Map.of("servers", dns));
    whygate.put("diagnostics", Map.of("budget", "3s"));
    whygate.put(
        "upstreams",
        Map.of(
            "server",
            Map.of(
                "endpoints",
                List.of(endpoint),
                "connect-timeout",
                "4s",
                "response-timeout",
                "10s",
                "idle-timeout",
                "10s")));
    whygate.put("routes", List.of(Map.of("upstream", "server")));
    LoadedConfig loaded = new ConfigReader().ofValues(whygate, "command line");
    return new LoadedConfig(
        withoutListeners(loaded.settings()), loaded.files(), List.of(), loaded.rendering());
  }

  private static Settings withoutListeners(Settings all) {
    return new Settings(
        all.name(),
        all.eventLoops(),
        0,
        0,
        all.shutdownGrace(),
        List.of(),
        all.acme(),
        all.certificateWarnings(),
        all.ocspStapling(),
        all.admin(),
        all.dns(),
        all.upstreams(),
        all.routes(),
        all.diagnostics(),
        Settings.StateSettings.NONE,
        all.accessLog(),
        all.page(),
        all.syslog(),
        NotificationSettings.NONE,
        all.tracing());
  }

  private static Problem asArgument(Problem problem) {
    String argument = problem.key().contains("endpoints") ? "URL" : "--dns";
    return new Problem("", 0, argument, problem.found(), problem.expected());
  }
}
