package io.whygate.diagnostics.page.recording;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.incident.RecordedRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The command that a person pastes: what it says, and that a real shell takes each part for one
/// word, whatever a client has put into it.
final class CurlCommandTest {

  @Test
  void sendsWhatTheServerWasSent() {
    RecordedRequest request =
        Exchanges.request(
            "GET",
            "/cart?token=abc&page=2",
            "Host: shop.example",
            "Authorization: Bearer abc",
            "User-Agent: it's me",
            "X-Empty:");
    assertThat(CurlCommand.of(Exchanges.recording(request, Exchanges.reset()), Optional.empty()))
        .isEqualTo(
            """
            # Not recorded, put your own in place of <...>: Authorization
            # The URL holds a secret that was not recorded: put your own in place of REDACTED
            curl --verbose --http1.1 --globoff --path-as-is \\
              --request 'GET' \\
              --connect-to 'shop.internal:3443:10.0.0.7:3443' \\
              --header 'Host: shop.example' \\
              --header 'Authorization: Bearer <Authorization>' \\
              --header 'User-Agent: it'\\''s me' \\
              --header 'X-Empty;' \\
              --header 'Accept:' \\
              --header 'Content-Type:' \\
              --url 'https://shop.internal:3443/cart?token=REDACTED&page=2'
            """);
  }

  @Test
  void namesTheSocketOfAUnixEndpoint() {
    RecordedRequest request = Exchanges.request("HEAD", "/", "Host: a", "Accept: */*");
    Endpoint socket = new Endpoint(Endpoint.Scheme.UNIX, "/run/app's.sock", 0);
    assertThat(
            CurlCommand.of(
                Exchanges.recording(
                    request,
                    Exchanges.attempt(
                        socket, Exchanges.reset().failure(), Exchanges.reset().timeline(), "")),
                Optional.empty()))
        .contains("--head", "--unix-socket '/run/app'\\''s.sock'", "--url 'http://localhost/'");
  }

  @Test
  void saysThatABodyIsMissing() {
    RecordedRequest bodyless =
        new RecordedRequest("POST", "/", List.of(), 20, Optional.empty(), false);
    assertThat(CurlCommand.of(Exchanges.recording(bodyless, Exchanges.reset()), Optional.empty()))
        .startsWith("# The body of 20 bytes was not recorded")
        .contains("--data-binary @BODY");
    RecordedRequest whole =
        new RecordedRequest("POST", "/", List.of(), 6, Optional.of("@a='b'"), false);
    assertThat(CurlCommand.of(Exchanges.recording(whole, Exchanges.reset()), Optional.empty()))
        .contains("--data-raw '@a='\\''b'\\'''");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'; touch /tmp/pwned; '",
        "$(reboot) `reboot` ${HOME} !! \\",
        "a\nb\r\tc\u0001",
        "\u00e4\u00ff\u0080 '!\\ 0123",
        "--output=/etc/passwd",
        "\u001b]0;title\u0007",
        "%s %n \\x41 \\101"
      })
  void aShellTakesItForOneWord(String hostile) throws Exception {
    assertThat(words("bash", "printf '<%s>' " + CurlCommand.quoted(hostile)))
        .isEqualTo("<" + hostile + ">");
    RecordedRequest request =
        Exchanges.request("GET", "/" + hostile, "Host: " + hostile, "X-" + "Y: " + hostile);
    String command =
        CurlCommand.of(Exchanges.recording(request, Exchanges.reset()), Optional.empty());
    // With curl replaced by a function that lists its arguments.
    String shown = words("bash", "curl() { printf '<%s>\\n' \"$@\"; }\n" + command);
    assertThat(shown).contains("<X-Y: " + hostile.strip() + ">", "<Host: " + hostile.strip() + ">");
    assertThat(shown.split("<--header>", -1)).hasSize(6);
  }

  private static String words(String shell, String script)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(shell, "-c", script);
    builder.environment().put("LC_ALL", "C");
    Process process = builder.redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    return out;
  }
}
