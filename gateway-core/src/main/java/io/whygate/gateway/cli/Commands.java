package io.whygate.gateway.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/// The command line `whygate`: finds the command, and explains what is wrong with it.
@Command(
    name = "whygate",
    description = "A gateway that explains its own 502s.",
    versionProvider = VersionText.class,
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
final class Commands implements Runnable {
  @Spec private CommandSpec spec;

  private Commands() {
    this.spec = CommandSpec.create();
  }

  /// @return the exit code
  static int run(Service service, Terminal terminal, String... args) {
    CommandLine program =
        new CommandLine(new Commands())
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
      terminal.complain(Main.oneLine(String.valueOf(failure)));
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
    return Main.oneLine(String.valueOf(failure.getMessage()));
  }

  /// Without a command there is nothing to do.
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command");
  }
}
