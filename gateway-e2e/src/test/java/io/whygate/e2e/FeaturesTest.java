package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The table of features says yes only where it names a test that is there.
class FeaturesTest {
  private static final Pattern TEST = Pattern.compile("`([A-Z][A-Za-z0-9]*Test)`");

  @Test
  void eachYesNamesItsTest() throws IOException {
    Set<String> there;
    try (Stream<Path> files = Files.walk(Repository.ROOT)) {
      there =
          files
              .map(each -> each.getFileName().toString())
              .filter(each -> each.endsWith("Test.java"))
              .map(each -> each.replace(".java", ""))
              .collect(Collectors.toSet());
    }
    Repository.read("docs/features.md")
        .lines()
        .filter(line -> line.split("\\|").length > 2 && line.split("\\|")[2].startsWith(" yes"))
        .forEach(line -> {
          Matcher named = TEST.matcher(line);
          assertThat(named.find()).as(line).isTrue();
          do {
            assertThat(there).contains(named.group(1));
          } while (named.find());
        });
  }
}
