package io.whygate.diagnostics.probe.icmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.whygate.diagnostics.facts.IcmpMessage;
import io.whygate.diagnostics.probe.icmp.Pinging.Outcome;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SystemSocketsTest {
  private static final SystemSockets SOCKETS = SystemSockets.find().orElseThrow();
  private static final int MILLIS = 2_000;

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void aListeningPortAcceptsAndAClosedOneRefusesWithoutAMessage(String literal) throws Exception {
    InetAddress address = InetAddress.ofLiteral(literal);
    InetSocketAddress target;
    try (ServerSocket server = new ServerSocket(0, 5, address)) {
      target = new InetSocketAddress(address, server.getLocalPort());
      assertThat(SOCKETS.connect(target, MILLIS).orElseThrow().isAccepted()).isTrue();
    }
    Connecting refused = SOCKETS.connect(target, MILLIS).orElseThrow();
    assertThat(refused.errno()).isEqualTo(Errno.ECONNREFUSED);
    assertThat(refused.here()).isFalse();
    assertThat(refused.icmp()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void thisMachineAnswersPingsOfEachSizeWhereTheSystemAllowsThem(String literal) {
    Pinging ping = SOCKETS.ping(InetAddress.ofLiteral(literal), List.of(84, 1_500), MILLIS);
    assumeThat(ping.outcome()).isNotEqualTo(Outcome.NOT_ALLOWED);
    assertThat(ping.outcome()).isEqualTo(Outcome.ANSWERED);
    assertThat(ping.answered()).containsExactly(84, 1_500);
    assertThat(ping.micros()).isBetween(1L, MILLIS * 1_000L);
    assertThat(ping.icmp()).isEmpty();
  }

  @Test
  void aPacketToThisMachineMayLeaveWhereThatCanBeAsked() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.ofLiteral("127.0.0.1"))) {
      InetSocketAddress target =
          new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
      assertThat(SOCKETS.mayLeave(target).orElse(true)).isTrue();
    }
  }

  @Test
  void messagesMeanTheSameInBothFamilies() {
    InetAddress v4 = InetAddress.ofLiteral("192.0.2.1");
    InetAddress v6 = InetAddress.ofLiteral("2001:db8::1");
    assertThat(new IcmpMessage(v4, false, 3, 13).meaning())
        .isEqualTo(IcmpMessage.Meaning.PROHIBITED);
    assertThat(new IcmpMessage(v6, false, 1, 1).meaning())
        .isEqualTo(IcmpMessage.Meaning.PROHIBITED);
    assertThat(new IcmpMessage(v4, false, 3, 3).meaning())
        .isEqualTo(IcmpMessage.Meaning.PORT_UNREACHABLE);
    assertThat(new IcmpMessage(v6, false, 1, 4).meaning())
        .isEqualTo(IcmpMessage.Meaning.PORT_UNREACHABLE);
    assertThat(new IcmpMessage(v4, false, 3, 4).meaning()).isEqualTo(IcmpMessage.Meaning.TOO_LARGE);
    assertThat(new IcmpMessage(v6, false, 2, 0).meaning()).isEqualTo(IcmpMessage.Meaning.TOO_LARGE);
    assertThat(new IcmpMessage(v4, false, 3, 13).describe())
        .isEqualTo("ICMP 3/13 (administratively prohibited) from 192.0.2.1");
  }
}
