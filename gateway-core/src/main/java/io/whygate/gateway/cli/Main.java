package io.whygate.gateway.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

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
    CommandLine program =
        new CommandLine(new Main())
            .addSubcommand(new CheckCommand(terminal))
            .addSubcommand(
                new RunCommand(
                    new Service(terminal, ServedGateway::start, Systemd.ofThisProcess())))
            .setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8))
            .setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8))
            .setCaseInsensitiveEnumValuesAllowed(true);
    program.setParameterExceptionHandler((failure, _) -> {
      String command = failure.getCommandLine().getCommandSpec().qualifiedName();
      terminal
          .err()
          .println(
              command
                  + ": "
                  + oneLine(String.valueOf(failure.getMessage()))
                  + " (see "
                  + command
                  + " --help)");
      return ExitCodes.USAGE;
    });
    program.setExecutionExceptionHandler((failure, _, _) -> {
      terminal.complain(oneLine(String.valueOf(failure)));
      return ExitCodes.FAILED;
    });
    return program.execute(args);
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
