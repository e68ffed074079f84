package io.whygate.diagnostics.probe.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whygate.diagnostics.facts.LogSource;
import io.whygate.diagnostics.probe.Deadline;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/// The real `journalctl`, on a journal that the real `systemd-journal-remote` wrote.
class JournalReaderTest {
  private static final Path WRITER = Path.of("/usr/lib/systemd/systemd-journal-remote");
  private static final LogSource.Journal SHOP = new LogSource.Journal("shop.service");

  @TempDir private Path folder;
  private final Instant now = Instant.now();

  static boolean hasJournal() {
    return Files.isExecutable(WRITER) && Files.isExecutable(Path.of("/usr/bin/journalctl"));
  }

  @Test
  @EnabledIf("hasJournal")
  void readsTheMessagesOfAUnit() throws Exception {
    Path journal =
        journal(
            entry(now.minusSeconds(600), "shop.service", "an old one")
                + entry(now.minusSeconds(5), "shop.service", "Worker (pid:84) was sent SIGKILL!")
                + entry(now.minusSeconds(4), "cron.service", "Segmentation fault (core dumped)"));

    List<LogLine> found = read(List.of("journalctl", "--file=" + journal), SHOP);

    assertThat(found)
        .extracting(LogLine::text)
        .containsExactly("Worker (pid:84) was sent SIGKILL!");
    assertThat(found.getFirst().source()).isEqualTo("journald:shop.service");
    assertThat(found.getFirst().at()).isBetween(now.minusSeconds(6), now.minusSeconds(4));
  }

  @Test
  void saysWhyItCannotBeRead() {
    assertThatThrownBy(() -> read(List.of("sh", "-c", "echo no right to >&2; exit 1", "--"), SHOP))
        .isInstanceOf(IOException.class)
        .hasMessage("no right to");
    assertThatThrownBy(() -> read(List.of("/no/such/journalctl"), SHOP))
        .isInstanceOf(IOException.class);
  }

  @Test
  void doesNotWaitLongerThanItMay() {
    long began = System.nanoTime();
    assertThatThrownBy(() -> read(List.of("sh", "-c", "exec tail -f /dev/null", "--"), SHOP))
        .isInstanceOf(IOException.class)
        .hasMessage("journalctl did not answer in time");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(8));
  }

  @Test
  void readsFieldsWithLineBreaksAndLeavesOutWhatIsCutShort() throws IOException {
    byte[] text = "first\nsecond".getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(
        "__REALTIME_TIMESTAMP=1795461398000000\nMESSAGE\n".getBytes(StandardCharsets.UTF_8));
    out.writeBytes(
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).array());
    out.writeBytes(text);
    out.writeBytes(
        "\n\n__REALTIME_TIMESTAMP=1795461398000000\nMESSAGE\n".getBytes(StandardCharsets.UTF_8));
    out.writeBytes(new byte[] {9, 0, 0, 0, 0, 0, 0, 0, 'x'});

    List<JournalExport.Entry> entries = JournalExport.read(out.toByteArray());

    assertThat(entries)
        .singleElement()
        .satisfies(each -> {
          assertThat(each.field("MESSAGE")).contains("first\nsecond");
          assertThat(each.at()).isEqualTo(Instant.ofEpochSecond(1_795_461_398));
        });
  }

  private List<LogLine> read(List<String> command, LogSource.Journal source) throws IOException {
    return new JournalReader(command)
        .lines(
            source, now.minusSeconds(60), now.plusSeconds(5), Deadline.in(Duration.ofSeconds(3)));
  }

  private Path journal(String export) throws Exception {
    Path from = Files.writeString(folder.resolve("x.export"), export);
    Path to = folder.resolve("x.journal");
    Process writer =
        new ProcessBuilder(WRITER.toString(), "-o", to.toString(), from.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(writer.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(writer.waitFor()).as(said).isZero();
    return to;
  }

  private static String entry(Instant at, String unit, String message) {
    return "__REALTIME_TIMESTAMP="
        + at.toEpochMilli() * 1_000
        + "\n__MONOTONIC_TIMESTAMP=1000\n_BOOT_ID=0123456789abcdef0123456789abcdef\n"
        + "_MACHINE_ID=0123456789abcdef0123456789abcdee\n_SYSTEMD_UNIT="
        + unit
        + "\n_PID=77\n_UID=0\nPRIORITY=3\nSYSLOG_IDENTIFIER=gunicorn\nMESSAGE="
        + message
        + "\n\n";
  }
}
