package io.whygate.diagnostics.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.tls.Pki;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Servers that accept, each with something else that comes then.
class PassedOnProbeTest {
  private static final Duration LIMIT = Duration.ofSeconds(2);

  private interface Script {
    void play(Socket peer) throws IOException;
  }

  private interface Question {
    boolean ask(InetSocketAddress target);
  }

  private static boolean before(Script script, Question question) throws IOException {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual()
          .start(() -> {
            try (Socket peer = server.accept()) {
              script.play(peer);
            } catch (IOException _) {
              // The probe left.
            }
          });
      return question.ask((InetSocketAddress) server.getLocalSocketAddress());
    }
  }

  private static boolean answers(InetSocketAddress target, boolean alertWillDo) {
    var greeting =
        new TlsProbe.Greeting(
            "a.example",
            UpstreamFacts.Protocol.AUTO,
            Optional.empty(),
            UpstreamFacts.ProxyProtocol.NONE);
    return PassedOnProbe.answersGreeting(target, greeting, alertWillDo, Deadline.in(LIMIT));
  }

  private static boolean isAnswered(Script script, boolean alertWillDo) throws IOException {
    return before(script, target -> answers(target, alertWillDo));
  }

  private static Script alert(int number) {
    return peer -> {
      int _ = peer.getInputStream().read();
      peer.getOutputStream().write(new byte[] {21, 3, 3, 0, 2, 2, (byte) number});
      peer.getInputStream().readAllBytes();
    };
  }

  @Test
  void aServerOfTlsAnswersAGreeting() throws Exception {
    try (FaultyServer server = FaultyServer.startTls(Pki.of("a.example"))) {
      var target = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), server.port());
      assertThat(answers(target, false)).isTrue();
    }
  }

  @Test
  void oneThatAcceptsAndClosesResetsOrIsSilentDoesNot() throws Exception {
    assertThat(isAnswered(peer -> peer.getInputStream().read(), true)).isFalse();
    assertThat(isAnswered(peer -> peer.setSoLinger(true, 0), true)).isFalse();
    assertThat(isAnswered(peer -> peer.getInputStream().readAllBytes(), true)).isFalse();
  }

  @Test
  void anAlertIsAnAnswerUnlessItIsWhatFailed() throws Exception {
    assertThat(isAnswered(alert(112), true)).isTrue();
    assertThat(isAnswered(alert(112), false)).isFalse();
    // What clients speak within TLS cannot be known.
    assertThat(isAnswered(alert(120), false)).isTrue();
  }

  private static InetSocketAddress nobody() throws IOException {
    try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return (InetSocketAddress) gone.getLocalSocketAddress();
    }
  }

  private static boolean keeps(InetSocketAddress target) {
    return PassedOnProbe.keepsConnection(
        target, UpstreamFacts.ProxyProtocol.NONE, Deadline.in(LIMIT));
  }

  @Test
  void aConnectionThatIsNotResetIsKept() throws Exception {
    assertThat(before(peer -> peer.getInputStream().readAllBytes(), PassedOnProbeTest::keeps))
        .isTrue();
    assertThat(before(peer -> peer.getOutputStream().write('+'), PassedOnProbeTest::keeps))
        .isTrue();
    assertThat(before(peer -> peer.setSoLinger(true, 0), PassedOnProbeTest::keeps)).isFalse();
    assertThat(keeps(nobody())).isFalse();
  }
}
