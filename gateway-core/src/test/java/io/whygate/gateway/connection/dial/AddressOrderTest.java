package io.whygate.gateway.connection.dial;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AddressOrderTest {
  private static final InetAddress SIX = InetAddress.ofLiteral("2001:db8::1");
  private static final InetAddress SIX_INSIDE = InetAddress.ofLiteral("fd00::1");
  private static final InetAddress FOUR = InetAddress.ofLiteral("192.0.2.1");
  private static final InetAddress FOUR_INSIDE = InetAddress.ofLiteral("10.0.0.1");

  private static List<InetAddress> tried(List<InetAddress> all, Set<InetAddress> ways) {
    return AddressOrder.withAWay(all, ways::contains);
  }

  @Test
  void leavesOutAFamilyWithoutAnyWay() {
    List<InetAddress> all = List.of(SIX, FOUR, SIX_INSIDE, FOUR_INSIDE);
    assertThat(tried(all, Set.of(FOUR))).containsExactly(FOUR, FOUR_INSIDE);
    assertThat(tried(all, Set.of(SIX_INSIDE))).containsExactly(SIX, SIX_INSIDE);
  }

  @Test
  void keepsAllWhereEitherFamilyHasAWayOrNone() {
    List<InetAddress> all = List.of(SIX, FOUR, FOUR_INSIDE);
    assertThat(tried(all, Set.of(SIX, FOUR_INSIDE))).isEqualTo(all);
    assertThat(tried(all, Set.of())).isEqualTo(all);
  }

  @Test
  void keepsTheOnlyFamilyThatThereIs() {
    assertThat(tried(List.of(SIX, SIX_INSIDE), Set.of())).containsExactly(SIX, SIX_INSIDE);
  }
}
