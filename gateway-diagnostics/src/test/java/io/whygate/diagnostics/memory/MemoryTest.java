package io.whygate.diagnostics.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.Failures;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.IcmpMessage;
import io.whygate.diagnostics.memory.Identity.Likeness;
import io.whygate.diagnostics.memory.Recollection.Fate;
import io.whygate.diagnostics.memory.Recollection.Tries;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MemoryTest {
  private static final Endpoint ENDPOINT =
      new Endpoint(Endpoint.Scheme.HTTP, "shop.internal", 3000);
  private static final InetAddress ADDRESS = Failures.address("192.168.7.7");

  private Instant now = Instant.parse("2026-11-23T12:00:00Z");
  private final Memory memory = new Memory(() -> now);

  @Test
  void knowsNothingOfWhatItNeverSaw() {
    assertThat(memory.recall(ENDPOINT, "/")).isEqualTo(Recollection.NOTHING);
  }

  @Test
  void remembersWhatIsUsualAtAnAddress() {
    for (int i = 0; i < 100; i++) {
      answered("/", 2_000, 30_000);
    }
    answered("/", 10_000, 30_000);

    Recollection.AddressMemory known =
        memory.recall(ENDPOINT, "/").addresses().getOrDefault(ADDRESS, unknown());

    assertThat(known.roundTripMicros()).isBetween(2_000L, 4_000L);
    assertThat(known.firstByteMicros()).isEqualTo(30_000);
    assertThat(known.lastConnected()).contains(now);
    assertThat(memory.recall(ENDPOINT, "/").usualFirstByteMicros()).isEqualTo(30_000);
  }

  /// A gateway that has just started is slow once: four times that would be late for nobody.
  @Test
  void takesNoFirstSlowAnswerForWhatIsUsual() {
    answered("/", 2_000, 200_000);
    answered("/", 2_000, 3_000);
    assertThat(memory.recall(ENDPOINT, "/").usualFirstByteMicros()).isEqualTo(-1);
    answered("/", 2_000, 2_000);
    assertThat(memory.recall(ENDPOINT, "/").usualFirstByteMicros()).isEqualTo(3_000);
    for (int i = 0; i < 100; i++) {
      answered("/", 2_000, 20_000);
    }
    assertThat(memory.recall(ENDPOINT, "/").usualFirstByteMicros()).isEqualTo(20_000);
  }

  @Test
  void tellsAnswersToOnePathFromAnswersToOthersForAMinute() {
    answered("/a", Memory.NOT_DIALLED, 900);
    now = now.plusSeconds(10);
    answered("/b", Memory.NOT_DIALLED, 900);

    Recollection seen = memory.recall(ENDPOINT, "/a");
    assertThat(seen.successes()).isEqualTo(2);
    assertThat(seen.otherPaths()).isEqualTo(1);
    assertThat(seen.samePathSuccess()).contains(now.minusSeconds(10));
    assertThat(seen.otherPathSuccess()).contains(now);

    now = now.plusSeconds(61);
    assertThat(memory.recall(ENDPOINT, "/a").successes()).isZero();
    assertThat(memory.recall(ENDPOINT, "/a").otherPathSuccess()).isEmpty();
  }

  @Test
  void knowsHowLongItHasBeenFailing() {
    memory.failed(ENDPOINT);
    now = now.plusSeconds(40);
    memory.failed(ENDPOINT);

    assertThat(memory.recall(ENDPOINT, "/").failingFor(now)).isEqualTo(Duration.ofSeconds(40));
    answered("/", 900, 900);
    assertThat(memory.recall(ENDPOINT, "/").failingFor(now)).isZero();
  }

  @Test
  void keepsTheLatestChangesFirst() {
    for (int i = 0; i < 400; i++) {
      memory.changed(Change.Kind.CONFIGURATION, "", "reload " + i);
    }
    memory.failed(ENDPOINT);

    assertThat(memory.recall(ENDPOINT, "/").changes())
        .hasSize(16)
        .first()
        .matches(change -> change.kind() == Change.Kind.FIRST_FAILURE);
  }

  @Test
  void comparesMarksByTheStrongestThatBothHave() {
    var shop = new Identity("k1", "nginx/1.24.0", "The shop");
    assertThat(shop.compare(new Identity("k1", "Apache", "Else"))).isEqualTo(Likeness.SAME);
    assertThat(shop.compare(new Identity("k2", "", "The shop"))).isEqualTo(Likeness.SAME);
    assertThat(shop.compare(new Identity("", "nginx", "Bank"))).isEqualTo(Likeness.DIFFERENT);
    assertThat(shop.compare(new Identity("", "nginx/1.26", ""))).isEqualTo(Likeness.SAME);
    assertThat(shop.compare(new Identity("", "Apache/2.4", ""))).isEqualTo(Likeness.DIFFERENT);
    assertThat(shop.compare(Identity.UNKNOWN)).isEqualTo(Likeness.UNTOLD);
  }

  @Test
  void newConnectionsThatAreLetInAndThoseThatAreNotAreRememberedInTurns() {
    memory.letIn(ENDPOINT, ADDRESS, 1_000, 1_000);
    assertThat(memory.recall(ENDPOINT, "/").addresses().get(ADDRESS).tries()).isEmpty();
    Instant first = now;
    now = now.plusMillis(100);
    memory.shutOut(ENDPOINT, ADDRESS, Fate.SILENT, 50_000);
    memory.shutOut(ENDPOINT, ADDRESS, Fate.SILENT, 0);
    now = now.plusSeconds(1);
    memory.letIn(ENDPOINT, ADDRESS, 1_000, 1_000);
    now = now.plusSeconds(1);
    memory.letIn(ENDPOINT, ADDRESS, 900_000, 900_000);

    assertThat(memory.recall(ENDPOINT, "/").addresses().get(ADDRESS).tries())
        .containsExactly(
            new Tries(Fate.SERVED, first.minusMillis(1), first.minusMillis(1), 1),
            new Tries(Fate.SILENT, first.plusMillis(50), first.plusMillis(100), 2),
            new Tries(Fate.SERVED, first.plusMillis(1_099), first.plusMillis(1_099), 1));

    memory.shutOut(ENDPOINT, ADDRESS, Fate.SILENT, 1_500_000);
    assertThat(memory.recall(ENDPOINT, "/").addresses().get(ADDRESS).tries())
        .as("one that began before others is known after them")
        .containsExactly(
            new Tries(Fate.SERVED, first.minusMillis(1), first.minusMillis(1), 1),
            new Tries(Fate.SILENT, first.plusMillis(50), first.plusMillis(600), 3),
            new Tries(Fate.SERVED, first.plusMillis(1_099), first.plusMillis(1_099), 1));

    now = now.plusSeconds(61);
    memory.shutOut(ENDPOINT, ADDRESS, Fate.SILENT, 0);
    assertThat(memory.recall(ENDPOINT, "/").addresses().get(ADDRESS).tries())
        .containsExactly(new Tries(Fate.SILENT, now, now, 1));
  }

  private void answered(String path, long connectMicros, long ttfbMicros) {
    memory.succeeded(ENDPOINT, Optional.of(ADDRESS), path, 200, connectMicros, ttfbMicros);
  }

  private Recollection.AddressMemory unknown() {
    return new Recollection.AddressMemory(now, now, Optional.empty(), -1, -1, List.of());
  }

  @Test
  void remembersWhatATryWasToldUntilOneIsAccepted() {
    IcmpMessage icmp = new IcmpMessage(InetAddress.ofLiteral("10.0.0.1"), false, 3, 13);
    assertThat(memory.toldBy(ENDPOINT, ADDRESS, (told, _) -> told)).isEmpty();
    memory.told(ENDPOINT, ADDRESS, icmp);
    assertThat(memory.toldBy(ENDPOINT, ADDRESS, (told, _) -> told)).contains(icmp);
    now = now.plusSeconds(301);
    assertThat(memory.toldBy(ENDPOINT, ADDRESS, (told, _) -> told)).isEmpty();
    memory.told(ENDPOINT, ADDRESS, icmp);
    memory.connected(ENDPOINT, ADDRESS, 300);
    assertThat(memory.toldBy(ENDPOINT, ADDRESS, (told, _) -> told)).isEmpty();
  }
}
