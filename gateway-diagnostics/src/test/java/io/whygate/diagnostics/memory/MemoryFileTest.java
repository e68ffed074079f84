package io.whygate.diagnostics.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.Failures;
import io.whygate.diagnostics.facts.Endpoint;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryFileTest {
  private static final Endpoint SHOP = new Endpoint(Endpoint.Scheme.HTTP, "shop.internal", 3000);
  private static final InetAddress ADDRESS = Failures.address("192.168.7.7");
  private static final InetAddress OTHER = Failures.address("2001:db8::7");

  @TempDir private Path folder;
  private final Instant now = Instant.parse("2026-11-23T12:00:00Z");

  private Memory memory() {
    return new Memory(() -> now);
  }

  private MemoryFile file(Memory memory) {
    return new MemoryFile(folder.resolve("memory"), 64 * 1024, memory);
  }

  private Memory restarted() {
    Memory next = memory();
    file(next).load();
    return next;
  }

  private Memory filled() {
    Memory memory = memory();
    for (int i = 0; i < 3; i++) {
      memory.succeeded(SHOP, Optional.of(ADDRESS), "/secret-path", 200, 2_000, 30_000);
      memory.succeeded(SHOP, Optional.of(OTHER), "/", 200, 4_000, 60_000);
    }
    memory.accept(
        SHOP,
        ADDRESS,
        new Identity("", "nginx", "The shop").with(Map.of(Identity.COOKIES, "PHPSESSID lang")));
    memory.headerSeen(SHOP, 900);
    memory.idleCloses(SHOP, 5_000);
    memory.askedFor(SHOP, "shop.example");
    memory.resolved("shop.internal", List.of(ADDRESS), 300);
    memory.changed(Change.Kind.CONFIGURATION, "", "reload 17 (upstream shop changed)");
    return memory;
  }

  @Test
  void bringsBackWhatIsNormal() {
    Memory before = filled();
    file(before).save();

    Memory after = restarted();

    Recollection seen = after.recall(SHOP, "/");
    assertThat(seen.addresses().keySet()).containsExactlyInAnyOrder(ADDRESS, OTHER);
    assertThat(seen.usualFirstByteMicros()).isEqualTo(30_000);
    assertThat(seen.habits()).isEqualTo(before.recall(SHOP, "/").habits());
    assertThat(seen.identity().title()).isEqualTo("The shop");
    assertThat(seen.changes())
        .extracting(Change::detail)
        .contains("reload 17 (upstream shop changed)");
    assertThat(after.idleClose(SHOP)).isEqualTo(5_000);
    assertThat(after.hostOf(SHOP)).isEqualTo("shop.example");
  }

  @Test
  void holdsNoPathOfAVisitor() throws Exception {
    file(filled()).save();

    assertThat(folder.resolve("memory")).content().doesNotContain("secret-path");
  }

  @Test
  void startsAnewFromAFileThatCannotBeUsed() throws Exception {
    file(filled()).save();
    Path path = folder.resolve("memory");
    String good = Files.readString(path);

    Files.writeString(path, good.replace("nginx", "nginz"));
    assertThat(restarted().recall(SHOP, "/")).isEqualTo(Recollection.NOTHING);
    Files.writeString(path, good.replace("whygate-memory 1", "whygate-memory 0"));
    assertThat(restarted().recall(SHOP, "/")).isEqualTo(Recollection.NOTHING);
    Files.writeString(path, good.substring(0, good.length() / 2));
    assertThat(restarted().recall(SHOP, "/")).isEqualTo(Recollection.NOTHING);
    Files.writeString(path, good);
    assertThat(restarted().recall(SHOP, "/")).isNotEqualTo(Recollection.NOTHING);
  }

  @Test
  void staysWithinItsBound() throws Exception {
    Memory memory = memory();
    for (int i = 0; i < 3_000; i++) {
      Endpoint endpoint = new Endpoint(Endpoint.Scheme.HTTP, "host" + i + ".internal", 80);
      memory.succeeded(endpoint, Optional.of(ADDRESS), "/", 200, 900, 900);
      memory.resolved(endpoint.host(), List.of(ADDRESS), 60);
    }
    file(memory).save();

    assertThat(Files.size(folder.resolve("memory"))).isBetween(20_000L, 65_000L);
    Memory after = memory();
    new MemoryFile(folder.resolve("memory"), 64 * 1024, after).load();
    assertThat(after.state().endpoints()).isNotEmpty();
  }
}
