package io.whygate.gateway.acme;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.whygate.gateway.http.HeadLimits;
import io.whygate.gateway.http.MessageHead;
import io.whygate.gateway.http.RequestHead;
import org.junit.jupiter.api.Test;

/// Proofs are there while their order is under way.
final class PendingChallengesTest {
  private final PendingChallenges pending = new PendingChallenges();

  private String asked(String path) {
    RequestHead request = new RequestHead(new HeadLimits(1024, 1024, 10));
    assertThat(
            request.read(
                Unpooled.copiedBuffer("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n", US_ASCII)))
        .isEqualTo(MessageHead.Progress.DONE);
    byte[] proof = pending.overHttp(request);
    return proof == null ? "" : new String(proof, US_ASCII);
  }

  @Test
  void oneOrderDoesNotTakeTheProofOfAnotherAway() {
    String path = "/.well-known/acme-challenge/token";
    PendingChallenges.Removal first = pending.proveOverHttp("token", "token.key");
    PendingChallenges.Removal second = pending.proveOverHttp("token", "token.key");
    first.close();
    assertThat(asked(path)).isEqualTo("token.key");
    assertThat(asked(path + "/")).isEmpty();
    assertThat(asked(path + "x")).isEmpty();
    second.close();
    assertThat(asked(path)).isEmpty();

    first = pending.proveOverHttp("token", "token.key");
    second = pending.proveOverHttp("token", "token.key");
    second.close();
    assertThat(asked(path)).isEqualTo("token.key");
    first.close();
    assertThat(asked(path)).isEmpty();
  }
}
