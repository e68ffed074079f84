package io.whygate.diagnostics.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.facts.IcmpMessage;
import io.whygate.diagnostics.probe.Finding.Dialled;
import io.whygate.diagnostics.probe.Finding.Dialled.DialOutcome;
import io.whygate.diagnostics.probe.Finding.Dialled.Purpose;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SignsOfLifeTest {
  private static final InetAddress ROUTER = InetAddress.ofLiteral("10.0.0.1");
  private static final Duration LIMIT = Duration.ofMillis(1);

  private final SignsOfLife signs = new SignsOfLife();

  @Test
  void aFiltersRejectionIsEnough() {
    signs.same(drawing(13));
    assertThat(signs.isRejected(LIMIT)).isTrue();
    assertThat(signs.await(LIMIT)).isTrue();
  }

  @Test
  void anUnreachableHostMayYetAnswerOnAnotherPort() {
    signs.same(drawing(1));
    assertThat(signs.isRejected(LIMIT)).isFalse();
    assertThat(signs.await(LIMIT)).isFalse();
  }

  @Test
  void nothingIsRejectedYet() {
    assertThat(signs.isRejected(LIMIT)).isFalse();
  }

  private static Dialled drawing(int code) {
    return new Dialled(
        new InetSocketAddress(InetAddress.ofLiteral("10.0.1.2"), 80),
        Purpose.SAME,
        DialOutcome.HOST_UNREACHABLE,
        400,
        Optional.of(new IcmpMessage(ROUTER, false, 3, code)));
  }
}
