package io.whygate.gateway.cli;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.gateway.config.InvalidConfigException;
import io.whygate.gateway.config.Settings;
import io.whygate.gateway.config.UpstreamSettings;
import io.whygate.gateway.config.reading.Addresses;
import io.whygate.gateway.replay.Ending;
import io.whygate.gateway.replay.RecordedExchange;
import io.whygate.gateway.replay.Replay;
import io.whygate.gateway.replay.ReplayRequest;
import io.whygate.gateway.replay.ReplayRequest.Field;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Sends the recorded request of an incident once more, past the gateway, and tells the moment at
/// which it goes wrong.
@Command(
    name = "replay",
    description = {
      "Send the recorded request of an incident once more, past the gateway, and tell the moment at"
          + " which it goes wrong.",
      "Exit code 0: it works; 1: it fails; 2: nothing was sent."
    },
    versionProvider = VersionText.class,
    mixinStandardHelpOptions = true)
final class ReplayCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Parameters(paramLabel = "ID", description = "The incident.")
  private String id = "";

  @Mixin private AdminOptions admin = new AdminOptions();

  @Option(
      names = "--to",
      paramLabel = "URL",
      description = "Another server: http://HOST[:PORT], https://HOST[:PORT] or unix:/PATH.")
  private String to = "";

  @Option(names = "--first", description = "The first exchange of the incident, not the last.")
  private boolean first;

  @Option(
      names = {"-H", "--header"},
      paramLabel = "LINE",
      description =
          "A field to send, as \"Name: value\"; secrets are not recorded. May be repeated.")
  private List<String> headers = List.of();

  @Option(names = "--body", paramLabel = "FILE", description = "The body to send.")
  private @Nullable Path body;

  @Option(
      names = "--force",
      description = "Send it though its method may change something at the server.")
  private boolean force;

  @Option(names = "--insecure", description = "Take any certificate.")
  private boolean insecure;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description =
          "The limit of each wait for an answer; the upstream's response-timeout, else 30.")
  private int seconds;

  ReplayCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try {
      Optional<Settings> settings = admin.settings();
      String archive =
          admin.client(settings).get("/api/incidents/" + IncidentsCommand.encoded(id) + ".har");
      RecordedExchange recorded = RecordedExchange.of(archive, first).with(fields(), content());
      Endpoint endpoint = endpoint(recorded);
      refuse(recorded);
      return send(recorded, endpoint, settings);
    } catch (AdminClient.AdminException | IllegalArgumentException | IOException failure) {
      terminal.complain(String.valueOf(failure.getMessage()));
      return ExitCodes.USAGE;
    } catch (InvalidConfigException failure) {
      failure.problems().forEach(terminal.err()::println);
      return ExitCodes.USAGE;
    }
  }

  private List<Field> fields() {
    List<Field> fields = new ArrayList<>();
    for (String line : headers) {
      int colon = line.indexOf(':');
      String name = colon < 0 ? "" : line.substring(0, colon).strip();
      String value = line.substring(colon + 1).strip();
      if (!name.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+") || !value.matches("[\\t -~\\x80-\\xff]*")) {
        throw new IllegalArgumentException("--header: no field line (expected: \"Name: value\")");
      }
      fields.add(new Field(name, value));
    }
    return fields;
  }

  private Optional<String> content() throws IOException {
    if (body == null) {
      return Optional.empty();
    }
    if (!Files.isReadable(body)) {
      throw new IllegalArgumentException("--body: " + body + " (expected: a file to read)");
    }
    return Optional.of(Files.readString(body, StandardCharsets.ISO_8859_1));
  }

  private Endpoint endpoint(RecordedExchange recorded) {
    if (!to.isEmpty()) {
      return Addresses.parseEndpoint(to)
          .orElseThrow(() ->
              new IllegalArgumentException(
                  "--to: \""
                      + to
                      + "\" (expected: http://HOST[:PORT], https://HOST[:PORT] or unix:/PATH)"));
    }
    return recorded
        .endpoint()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "incident " + id + " reached no server (expected: --to URL)"));
  }

  /// What must not be sent without somebody's saying so.
  private void refuse(RecordedExchange recorded) {
    ReplayRequest request = recorded.request();
    if (!force && !ReplayRequest.isSafe(request.method())) {
      throw new IllegalArgumentException(
          request.method()
              + " "
              + request.target()
              + " may change something at the server, and may have done so already"
              + " (expected: --force, where that does no harm)");
    }
    if (recorded.lacksBody()) {
      throw new IllegalArgumentException(
          "the body"
              + (recorded.bodyBytes() < 0 ? "" : " of " + recorded.bodyBytes() + " bytes")
              + " was not recorded (expected: --body FILE; diagnostics.recording.body-size"
              + " keeps later ones)");
    }
  }

  private int send(RecordedExchange recorded, Endpoint endpoint, Optional<Settings> settings)
      throws IOException {
    Optional<UpstreamSettings> upstream =
        settings.stream()
            .flatMap(all -> all.upstreams().values().stream())
            .filter(each -> each.endpoints().contains(endpoint))
            .findFirst();
    Replay.Target target =
        Replay.Target.of(endpoint, to.isEmpty() ? recorded.address() : Optional.empty(), upstream);
    if (seconds > 0) {
      target = target.within(Duration.ofSeconds(seconds));
    }
    if (insecure) {
      target = target.unverified();
    }
    ReplayReport report = new ReplayReport(terminal, Style.of(terminal));
    report.begin(id, recorded, endpoint);
    Ending ending = new Replay(target, report).send(recorded.request());
    return report.end(recorded, ending, !to.isEmpty()) ? ExitCodes.OK : ExitCodes.FAILED;
  }
}
