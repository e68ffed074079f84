package io.whygate.diagnostics.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptFileTest {
  @TempDir private Path folder;

  private KeptFile file() {
    return new KeptFile(folder.resolve("kept"), "test 2", 100);
  }

  @Test
  void isReplacedWhole() throws Exception {
    assertThat(file().read()).isEmpty();
    file().write("{\"a\": 1}");
    file().write("{\"b\": \"ü\"}");

    assertThat(file().read()).contains("{\"b\": \"ü\"}");
    assertThat(folder).isDirectoryNotContaining("glob:**.new");
  }

  @Test
  void ignoresWhatIsDamagedCutOffOrOfAnotherVersion() throws Exception {
    file().write("{\"a\": 1}");
    Path path = folder.resolve("kept");
    String good = Files.readString(path);

    Files.writeString(path, good.replace("1}", "2}"));
    assertThat(file().read()).isEmpty();
    Files.writeString(path, good.substring(0, good.length() - 1));
    assertThat(file().read()).isEmpty();
    Files.writeString(path, good.replace("test 2", "test 1"));
    assertThat(file().read()).isEmpty();
    Files.writeString(path, "");
    assertThat(file().read()).isEmpty();
    Files.writeString(path, good);
    assertThat(file().read()).isPresent();
  }

  @Test
  void staysWithinItsBound() throws Exception {
    file().write("short");

    assertThatThrownBy(() -> file().write("x".repeat(101))).isInstanceOf(IOException.class);
    assertThat(file().read()).contains("short");
  }

  @Test
  void aFolderIsOneProgramsAtATime() {
    try (StateFolder mine = StateFolder.open(folder.resolve("state")).orElseThrow()) {
      assertThat(mine.file("x")).isEqualTo(folder.resolve("state").resolve("x"));
      assertThat(StateFolder.open(folder.resolve("state"))).isEmpty();
    }
    StateFolder again = StateFolder.open(folder.resolve("state")).orElseThrow();
    again.close();
  }

  @Test
  void aFolderThatCannotBeMadeIsNone() throws Exception {
    Path inTheWay = Files.createFile(folder.resolve("file"));

    assertThat(StateFolder.open(inTheWay.resolve("state"))).isEmpty();
  }
}
