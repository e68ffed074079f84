package io.whygate.gateway.cli;

import io.whygate.faults.demo.DemoPorts;
import io.whygate.faults.demo.DemoSite;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Runs a gateway in front of a small site that can be broken by buttons.
@Command(
    name = "demo",
    description = {
      "Run a gateway in front of a small site, with a panel that breaks the site in real ways.",
      "Nothing leaves this machine."
    },
    versionProvider = VersionText.class,
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  private final Terminal terminal;
  private final Service service;

  @Option(names = "--port", paramLabel = "PORT", description = "The site's; 8080 unless given.")
  private int port = DemoPorts.USUAL.gateway();

  @Option(
      names = "--panel-port",
      paramLabel = "PORT",
      description = "The panel's; 8081 unless given.")
  private int panelPort = DemoPorts.USUAL.panel();

  @Option(
      names = "--admin-port",
      paramLabel = "PORT",
      description = "The admin interface's; 9180 unless given.")
  private int adminPort = DemoPorts.USUAL.admin();

  DemoCommand(Terminal terminal, Service service) {
    this.terminal = terminal;
    this.service = service;
  }

  @Override
  public Integer call() {
    DemoPorts ports;
    try {
      ports = new DemoPorts(port, panelPort, adminPort);
    } catch (IllegalArgumentException failure) {
      terminal.complain(String.valueOf(failure.getMessage()));
      return ExitCodes.USAGE;
    }
    try (DemoSite site = DemoSite.start(ports)) {
      return service.run(() -> DemoConfig.of(site, ports), () -> explain(site));
    } catch (IOException failure) {
      terminal.complain(
          "cannot start the demo: "
              + failure.getMessage()
              + " (expected: free ports; --panel-port chooses another for the panel)");
      return ExitCodes.FAILED;
    }
  }

  private void explain(DemoSite site) {
    terminal.out().println();
    terminal.out().println("  The site, through the gateway:  http://127.0.0.1:" + port + "/");
    terminal.out().println("  The panel that breaks it:       " + site.panel());
    terminal.out().println("  The operators' interface:       http://127.0.0.1:" + adminPort + "/");
    terminal.out().println();
    terminal
        .out()
        .println("  Open both, press a button of the panel, then reload the site. Ctrl-C ends it.");
  }
}
