package io.whygate.diagnostics.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.verdict.Cause;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CauseDocumentsTest {
  private static final Path FOLDER = Path.of("../docs/causes");

  /// With `-Dgolden.update=true` the documents are written anew.
  @Test
  void areInStepWithTheTexts() throws IOException {
    Map<String, String> documents = new CauseDocuments().all();
    if (Boolean.getBoolean("golden.update")) {
      Files.createDirectories(FOLDER);
      for (Map.Entry<String, String> document : documents.entrySet()) {
        Files.writeString(FOLDER.resolve(document.getKey()), document.getValue());
      }
    }
    for (Map.Entry<String, String> document : documents.entrySet()) {
      assertThat(FOLDER.resolve(document.getKey())).hasContent(document.getValue());
    }
    try (Stream<Path> files = Files.list(FOLDER)) {
      List<String> names = files.map(f -> f.getFileName().toString()).toList();
      assertThat(names).containsExactlyInAnyOrderElementsOf(documents.keySet());
    }
  }

  @Test
  void sayOfEveryCauseAndNothingElseHowItIsFound() throws IOException {
    List<String> codes = Arrays.stream(Cause.values()).map(Cause::code).toList();
    assertThat(new CauseDocuments().how().stringPropertyNames())
        .containsExactlyInAnyOrderElementsOf(codes);
  }

  @Test
  void leaveNoPlaceUnmarked() throws IOException {
    new CauseDocuments()
        .all()
        .forEach((name, text) ->
            assertThat(text.replaceAll("(?s)```.*?```", "").replaceAll("`[^`]*`", ""))
                .as(name)
                .doesNotContainPattern("[{<][a-z-]+[}>]"));
  }
}
