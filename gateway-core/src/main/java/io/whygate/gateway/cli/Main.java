package io.whygate.gateway.cli;

import java.util.Optional;

/// The program `whygate`: starts the gateway, or finds another command, and ends with its exit
/// code.
///
/// No type of the library for command lines is named here: to start, Java would have to look for it
/// through the whole class path.
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.exit(run(new Terminal(System.out, System.err), args));
  }

  static int run(Terminal terminal, String... args) {
    Service service = new Service(terminal, ServedGateway::start, Systemd.ofThisProcess());
    Optional<ConfigSource> plain = PlainRun.read(args);
    return plain.isPresent()
        ? plainRun(service, plain.get(), terminal)
        : Commands.run(service, terminal, args);
  }

  private static int plainRun(Service service, ConfigSource source, Terminal terminal) {
    try {
      return service.run(source, () -> {});
    } catch (RuntimeException failure) {
      terminal.complain(oneLine(String.valueOf(failure)));
      return ExitCodes.FAILED;
    }
  }

  static String oneLine(String message) {
    return message.replaceAll("\\s*\\R\\s*", " ").strip();
  }
}
