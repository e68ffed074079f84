package io.whygate.gateway.cli;

import io.whygate.gateway.config.reading.ConfigReader;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Runs the gateway, by a file or by two options.
@Command(
    name = "run",
    description = {
      "Run the gateway by a configuration file, or by --listen and --to alone.",
      "SIGHUP and a change of a file reload; SIGTERM and SIGINT finish what is in flight and stop."
    },
    versionProvider = VersionText.class,
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  private final Service service;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "The configuration; config/gateway.conf unless given.")
  private @Nullable Path config;

  @Option(
      names = {"-l", "--listen"},
      paramLabel = "ADDR:PORT",
      description = "Serve here, without a configuration file. May be repeated.")
  private List<String> listen = List.of();

  @Option(
      names = {"-t", "--to"},
      paramLabel = "URL",
      description =
          "Forward to this endpoint: http://HOST:PORT, https://..., unix:/PATH. May be repeated.")
  private List<String> to = List.of();

  @Option(
      names = "--admin",
      paramLabel = "ADDR:PORT",
      description =
          "With --listen: the admin interface's address, or off; 127.0.0.1:9180 unless given.")
  private String admin = "";

  RunCommand(Service service) {
    this.service = service;
  }

  @Override
  public Integer call() {
    ConfigReader reader = new ConfigReader();
    if (listen.isEmpty() && to.isEmpty() && admin.isEmpty()) {
      Path file = config == null ? ConfigOption.defaultFile() : config;
      return service.run(() -> reader.read(file), () -> {});
    }
    if (config != null) {
      throw usage("--config: given with --listen, --to or --admin (expected: one or the other)");
    }
    if (listen.isEmpty()) {
      throw usage("--listen: missing (expected: ADDRESS:PORT to serve on, such as 127.0.0.1:8080)");
    }
    if (to.isEmpty()) {
      throw usage("--to: missing (expected: the URL to forward to, such as http://127.0.0.1:3000)");
    }
    return service.run(() -> reader.ofOptions(listen, to, admin), () -> {});
  }

  private ParameterException usage(String message) {
    if (spec == null) {
      throw new AssertionError("not made by the command line");
    }
    return new ParameterException(spec.commandLine(), message);
  }
}
