package io.whygate.diagnostics.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LineJournalTest {
  private static final String FORMAT = "test 1";

  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("journal");
  }

  private void write(String... lines) throws IOException {
    try (var journal = new LineJournal(file(), FORMAT, 1 << 20)) {
      for (String line : lines) {
        journal.append(line);
      }
    }
  }

  private List<String> read() throws IOException {
    try (var journal = new LineJournal(file(), FORMAT, 1 << 20)) {
      return journal.lines();
    }
  }

  @Test
  void keepsItsLines() throws Exception {
    write("one", "zwei äöü", "ba ✓");
    write("four");

    assertThat(read()).containsExactly("one", "zwei äöü", "ba ✓", "four");
  }

  /// Wherever the writer is killed, what was whole before stays, and what comes after is kept.
  @Test
  void losesTheTornLastLineAlone() throws Exception {
    write("one", "two", "three");
    byte[] whole = Files.readAllBytes(file());
    int lastLine = "00000000 three\n".length();
    for (int cut = 2; cut < lastLine; cut++) {
      byte[] torn = java.util.Arrays.copyOf(whole, whole.length - cut);
      Files.write(file(), torn);
      assertThat(read()).as("cut %d", cut).containsExactly("one", "two");
      write("four");
      assertThat(read()).as("cut %d", cut).containsExactly("one", "two", "four");
    }
  }

  @Test
  void losesADamagedLineAlone() throws Exception {
    write("one", "two", "three");
    String text = Files.readString(file());
    Files.writeString(file(), text.replace("two", "tvo"));

    try (var journal = new LineJournal(file(), FORMAT, 1 << 20)) {
      assertThat(journal.lines()).containsExactly("one", "three");
      assertThat(journal.lost()).isEqualTo(1);
    }
  }

  @Test
  void putsAsideWhatIsNotItsOwn() throws Exception {
    Files.writeString(file(), "something else\nentirely\n");

    assertThat(read()).isEmpty();
    assertThat(folder.resolve("journal.unreadable")).hasContent("something else\nentirely\n");
    write("one");
    assertThat(read()).containsExactly("one");
  }

  @Test
  void survivesBytesThatAreNoText() throws Exception {
    write("one");
    Files.write(
        file(), new byte[] {(byte) 0xff, 0, (byte) 0xfe, '\n', 0}, StandardOpenOption.APPEND);

    assertThat(read()).containsExactly("one");
  }

  @Test
  void isReplacedByTheNewestThatFit() throws Exception {
    try (var journal = new LineJournal(file(), FORMAT, 400)) {
      int appended = 0;
      while (!journal.isFull()) {
        journal.append("line " + appended++);
      }
      journal.replace(List.of("a".repeat(150), "b".repeat(90), "c".repeat(90)));
      journal.append("later");
    }

    assertThat(read()).containsExactly("b".repeat(90), "c".repeat(90), "later");
    assertThat(Files.readString(file(), StandardCharsets.UTF_8)).startsWith(FORMAT + "\n");
  }
}
