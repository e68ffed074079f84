package io.whygate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.http.Response;
import io.whygate.faults.http2.FramedServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What commands print, and the code they end with.
final class CommandsTest {
  @TempDir private Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int whygate(String... arguments) {
    return Main.run(
        new Terminal(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8)),
        arguments);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "run", "check", "demo", "diagnose", "incidents", "top", "replay"})
  void everyCommandHasHelpAndVersion(String command) {
    String[] help = command.isEmpty() ? new String[] {"--help"} : new String[] {command, "--help"};
    assertThat(whygate(help)).isZero();
    assertThat(out()).contains("Usage: whygate " + command);
    help[help.length - 1] = "--version";
    assertThat(whygate(help)).isZero();
    assertThat(out()).contains("whygate ");
    assertThat(err()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          '' | whygate: no command (see whygate --help)
          chek | whygate: unknown: chek (expected: check) (see whygate --help)
          run --confg x | whygate run: unknown: --confg x (expected: --config) (see whygate run --help)
          run --listen 127.0.0.1:0 | whygate run: --to: missing
          run --to http://x | whygate run: --listen: missing
          run --config x --to http://x | whygate run: --config: given with --listen
          run --listen 8080 --to http://x | --listen: "8080" (expected: ADDRESS:PORT
          diagnose | whygate diagnose: Missing required parameter: 'URL'
          diagnose ftp://x | whygate: URL: "ftp://x" (expected: http://HOST:PORT
          diagnose http://x --dns y | whygate: --dns: "y" (expected: an IP address
          demo --port 0 | whygate: gateway: 0 (expected: 1 to 65535)
          demo --port x | whygate demo: Invalid value for option '--port'
          """)
  void wrongUsageIsOneLineAndTwo(String arguments, String message) {
    assertThat(whygate(arguments.isEmpty() ? new String[0] : arguments.split(" ", -1)))
        .isEqualTo(ExitCodes.USAGE);
    assertThat(err()).startsWith(message).hasLineCount(1);
    assertThat(out()).isEmpty();
  }

  @Test
  void checkListsEveryProblem() throws IOException {
    Path file = Files.writeString(folder.resolve("gateway.conf"), "whygate {\n listenrs = []\n}\n");
    assertThat(whygate("check", "--config", file.toString())).isEqualTo(ExitCodes.FAILED);
    assertThat(err().lines())
        .containsExactly(
            file
                + ":1: whygate.listeners: missing (expected: at least one, such as"
                + " [ { bind = \"0.0.0.0:8080\" } ])",
            file
                + ":1: whygate.routes: missing (expected: at least one, such as"
                + " [ { path = \"/\", upstream = NAME } ])",
            file + ":2: whygate.listenrs: unknown key (expected: listeners)");
  }

  @Test
  void checkSaysThatAFileIsGood() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("gateway.conf"),
            """
            whygate {
              listeners = [ { bind = "127.0.0.1:8080" } ]
              upstreams { a { endpoints = [] }, b { endpoints = [] } }
              routes = [ { upstream = a } ]
            }
            """);
    assertThat(whygate("check", "-c", file.toString())).isZero();
    assertThat(out()).isEqualTo(file + ": good (1 listener, 2 upstreams, 1 route)\n");
    assertThat(err()).startsWith("warning: " + file + ":3: whygate.upstreams.b: no route leads");
  }

  @Test
  void runEndsWithTwoWhereTheConfigurationIsWrong() {
    Path file = folder.resolve("absent.conf");
    assertThat(whygate("run", "--config", file.toString())).isEqualTo(ExitCodes.USAGE);
    assertThat(err()).startsWith(file + ": is not there (expected: ").hasLineCount(1);
  }

  @Test
  void runEndsWithOneAndOneLineWhereThePortIsTaken() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String place = "127.0.0.1:" + taken.getLocalPort();
      assertThat(whygate("run", "-l", place, "-t", "http://127.0.0.1:9", "--admin", "off"))
          .isEqualTo(ExitCodes.FAILED);
      assertThat(err())
          .startsWith("whygate: ")
          .contains("cannot listen on " + place)
          .hasLineCount(1);
    }
  }

  @Test
  void incidentsEndsWithOneWhereNoGatewayRuns() throws IOException {
    try (FaultyServer closed = FaultyServer.start()) {
      closed.fault(new Fault.NothingListens());
      assertThat(whygate("incidents", "--admin", "127.0.0.1:" + closed.port()))
          .isEqualTo(ExitCodes.FAILED);
      assertThat(err()).startsWith("whygate: nothing answers on " + closed.uri()).hasLineCount(1);
    }
  }

  @Test
  void diagnoseNamesTheCauseAndEndsWithOne() throws IOException {
    try (FaultyServer closed = FaultyServer.start()) {
      closed.fault(new Fault.NothingListens());
      String url = closed.uri() + "/cart?id=secret";
      assertThat(whygate("diagnose", url)).isEqualTo(ExitCodes.FAILED);
      assertThat(out()).containsSubsequence("server.port-closed", "What to do", "The seven checks");
      out.reset();
      assertThat(whygate("diagnose", url, "--json")).isEqualTo(ExitCodes.FAILED);
      assertThat(out()).startsWith("{").contains("\"path\":\"/cart\"").doesNotContain("secret");
    }
  }

  /// By HTTP/1.1, as `protocol = auto` means on http://.
  @Test
  void diagnoseSaysThatAServerSpeaksHttp2Alone() throws IOException {
    try (FramedServer server = FramedServer.start()) {
      assertThat(whygate("diagnose", server.uri().toString())).isEqualTo(ExitCodes.FAILED);
      assertThat(out())
          .contains("application.protocol-mismatch", "http2", "--http2-prior-knowledge");
    }
  }

  @Test
  void diagnoseReadsAnAnswerToItsEndBeforeItCallsASiteHealthy() throws IOException {
    try (FaultyServer server = FaultyServer.start()) {
      assertThat(whygate("diagnose", server.uri().toString())).isEqualTo(ExitCodes.OK);
      assertThat(out()).contains("nothing is wrong");
      out.reset();
      server.fault(new Fault.CloseMidBody(2_000));
      assertThat(whygate("diagnose", server.uri().toString())).isEqualTo(ExitCodes.FAILED);
      assertThat(out()).contains("application.closed-mid-response");
      out.reset();
      server.fault(new Fault.BadChunk());
      assertThat(whygate("diagnose", server.uri().toString())).isEqualTo(ExitCodes.FAILED);
      assertThat(out()).contains("application.bad-chunk");
    }
  }

  /// What a gateway passes on, and notes, is no sound answer either.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          firewall.blocked-request         | 403 | The requested URL was rejected.
          firewall.blocked-request         | 503 | Generated by Wordfence
          application.database-unavailable | 500 | Error establishing a database connection
          application.gateway-error        | 502 | Bad gateway
          server.overloaded                | 503 | Busy
          tls.required                     | 400 | This combination of host and port requires TLS.
          """)
  void diagnoseNamesWhatAnAnswerTells(String cause, int status, String page) throws IOException {
    try (FaultyServer server = FaultyServer.start()) {
      server.fault(new Fault.Answers(Response.html(status, page)));
      assertThat(whygate("diagnose", server.uri().toString())).isEqualTo(ExitCodes.FAILED);
      assertThat(out()).contains(cause);
    }
  }

  @ParameterizedTest
  @CsvSource({"500, An error of the site's own", "403, Members only", "404, Not here"})
  void diagnoseLeavesToTheSiteWhatIsItsOwnAffair(int status, String page) throws IOException {
    try (FaultyServer server = FaultyServer.start()) {
      server.fault(new Fault.Answers(Response.html(status, page)));
      assertThat(whygate("diagnose", server.uri().toString())).isEqualTo(ExitCodes.OK);
    }
  }
}
