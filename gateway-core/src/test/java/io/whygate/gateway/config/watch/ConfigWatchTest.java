package io.whygate.gateway.config.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigWatchTest {
  private static final Duration INTERVAL = Duration.ofMillis(20);

  @TempDir private Path folder;
  private final Semaphore changes = new Semaphore(0);
  private Path file;
  private ConfigWatch watch;

  @BeforeEach
  void start() throws IOException {
    file = Files.writeString(folder.resolve("gateway.conf"), "a");
    watch = new ConfigWatch(Set.of(file), INTERVAL, changes::release);
  }

  @AfterEach
  void stop() {
    watch.close();
  }

  private boolean tellsOfAChange() throws InterruptedException {
    return changes.tryAcquire(10, TimeUnit.SECONDS);
  }

  private boolean isSilent() throws InterruptedException {
    return !changes.tryAcquire(10 * INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Test
  void tellsOfAFileThatWasWrittenAgain() throws Exception {
    // In one step: an empty file that is filled afterwards would be two changes.
    Files.writeString(file, "longer", StandardOpenOption.WRITE);
    assertThat(tellsOfAChange()).isTrue();
    assertThat(isSilent()).isTrue();
  }

  @Test
  void tellsOfAFileThatAnEditorRenamedIntoPlace() throws Exception {
    Path draft = Files.writeString(folder.resolve("gateway.conf~"), "b");
    Files.setLastModifiedTime(draft, Files.getLastModifiedTime(file));
    Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    assertThat(tellsOfAChange()).isTrue();
  }

  @Test
  void tellsOfASymbolicLinkThatWasTurned() throws Exception {
    Path first = Files.createDirectory(folder.resolve("..1"));
    Path second = Files.createDirectory(folder.resolve("..2"));
    Files.writeString(first.resolve("site.pem"), "x");
    Files.writeString(second.resolve("site.pem"), "x");
    Path data = Files.createSymbolicLink(folder.resolve("..data"), first);
    Path mounted = Files.createSymbolicLink(folder.resolve("site.pem"), data.resolve("site.pem"));
    watch.watch(Set.of(file, mounted));

    Path turned = Files.createSymbolicLink(folder.resolve("..tmp"), second);
    Files.move(turned, data, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    assertThat(tellsOfAChange()).isTrue();
  }

  @Test
  void tellsOfAFileThatAppears() throws Exception {
    Path absent = folder.resolve("site.key");
    watch.watch(Set.of(file, absent));
    Files.writeString(absent, "x");
    assertThat(tellsOfAChange()).isTrue();
  }

  @Test
  void tellsOfAFileThatIsGone() throws Exception {
    Files.delete(file);
    assertThat(tellsOfAChange()).isTrue();
  }

  @Test
  void looksOnlyAtTheFilesThatItWasToldLast() throws Exception {
    Path other = Files.writeString(folder.resolve("other.conf"), "a");
    watch.watch(Set.of(other));
    Files.writeString(file, "longer");
    assertThat(isSilent()).isTrue();
    Files.writeString(other, "longer");
    assertThat(tellsOfAChange()).isTrue();
  }

  @Test
  void goesOnAfterAnActionThatFailed() throws Exception {
    try (ConfigWatch failing =
        new ConfigWatch(
            Set.of(file),
            INTERVAL,
            () -> {
              changes.release();
              throw new IllegalStateException("not handled");
            })) {
      watch.close();
      Files.writeString(file, "longer");
      assertThat(tellsOfAChange()).isTrue();
      Files.writeString(file, "longer still");
      assertThat(tellsOfAChange()).isTrue();
      assertThat(failing).isNotNull();
    }
  }
}
