package io.whygate.gateway.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/// The program `whygate`: finds the command and ends with its exit code.
@Command(
    name = "whygate",
    description = "A gateway that explains its own 502s.",
    versionProvider = Version.class,
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  private Main() {
    this.spec = CommandSpec.create();
  }

  public static void main(String[] args) {
    System.exit(run(new Terminal(System.out, System.err), args));
  }

  static int run(Terminal terminal, String... args) {
    Service service = new Service(terminal, ServedGateway::start, Systemd.ofThisProcess());
    Optional<ConfigSource> plain = PlainRun.read(args);
    return plain.isPresent()
        ? plainRun(service, plain.get(), terminal)
        : command(service, terminal, args);
  }

  private static int plainRun(Service service, ConfigSource source, Terminal terminal) {
    try {
      return service.run(source, () -> {});
    } catch (RuntimeException failure) {
      terminal.complain(oneLine(String.valueOf(failure)));
      return ExitCodes.FAILED;
    }
  }

  private static int command(Service service, Terminal terminal, String... args) {
    CommandLine program =
        new CommandLine(new Main())
            .addSubcommand(new RunCommand(service))
            .addSubcommand(new CheckCommand(terminal))
            .addSubcommand(new DemoCommand(terminal, service))
            .addSubcommand(new DiagnoseCommand(terminal))
            .addSubcommand(new IncidentsCommand(terminal))
            .addSubcommand(new TopCommand(terminal))
            .addSubcommand(new ReplayCommand(terminal))
            .setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8))
            .setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
    program.setParameterExceptionHandler((failure, _) -> {
      CommandLine command = failure.getCommandLine();
      String name = command.getCommandSpec().qualifiedName();
      terminal.err().println(name + ": " + complaint(failure) + " (see " + name + " --help)");
      return ExitCodes.USAGE;
    });
    program.setExecutionExceptionHandler((failure, _, _) -> {
      terminal.complain(oneLine(String.valueOf(failure)));
      return ExitCodes.FAILED;
    });
    return program.execute(args);
  }

  private static String complaint(ParameterException failure) {
    if (failure instanceof UnmatchedArgumentException unmatched) {
      String found = "unknown: " + String.join(" ", unmatched.getUnmatched());
      List<String> suggestions = unmatched.getSuggestions();
      return suggestions.isEmpty()
          ? found
          : found + " (expected: " + String.join(", ", suggestions) + ")";
    }
    return oneLine(String.valueOf(failure.getMessage()));
  }

  /// Without a command there is nothing to do.
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command");
  }

  private static String oneLine(String message) {
    return message.replaceAll("\\s*\\R\\s*", " ").strip();
  }
}
