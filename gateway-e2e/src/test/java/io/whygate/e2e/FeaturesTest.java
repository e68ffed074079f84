package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The table of features is whole, and says yes only where it names a test that is there.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FeaturesTest {
  private static final Pattern TEST = Pattern.compile("`([A-Z][A-Za-z0-9]*Test)`");
  private static final Pattern MERGE_MARK = Pattern.compile("(?m)^(<<<<<<<|=======$|>>>>>>>).*$");
  private static final List<String> SAID_OF_OTHERS = List.of("yes", "part", "no", "");

  private Set<String> classes = Set.of();

  @BeforeAll
  void findClasses() throws IOException {
    try (Stream<Path> files = Files.walk(Repository.ROOT)) {
      classes =
          files
              .map(each -> each.getFileName().toString())
              .filter(name -> name.endsWith("Test.java"))
              .map(name -> name.replace(".java", ""))
              .collect(Collectors.toSet());
    }
  }

  static Stream<List<String>> rows() {
    return Repository.read("docs/features.md")
        .lines()
        .filter(line -> line.startsWith("|"))
        .skip(2)
        .map(line -> Arrays.stream(line.split("\\|", -1)).map(String::strip).toList());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void eachRowHasAllColumns(List<String> row) {
    assertThat(row).hasSize(9);
    assertThat(row.getFirst()).isEmpty();
    assertThat(row.getLast()).isEmpty();
    assertThat(row.get(1)).isNotEmpty();
    assertThat(row.subList(3, 8)).allSatisfy(cell -> assertThat(SAID_OF_OTHERS).contains(cell));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void eachYesNamesItsTest(List<String> row) {
    String ours = row.get(2);
    List<String> named = TEST.matcher(ours).results().map(found -> found.group(1)).toList();
    assertThat(ours.equals("no") || !named.isEmpty()).as(ours).isTrue();
    assertThat(classes).containsAll(named);
  }

  /// Other documents name tests as proofs, too.
  @ParameterizedTest
  @MethodSource("io.whygate.e2e.DocumentsTest#documents")
  void eachTestThatIsNamedIsThere(String document) {
    assertThat(TEST.matcher(Repository.read(document)).results().map(found -> found.group(1)))
        .isSubsetOf(classes);
  }

  @ParameterizedTest
  @MethodSource("io.whygate.e2e.DocumentsTest#documents")
  void noDocumentHasMarksOfAMerge(String document) {
    assertThat(MERGE_MARK.matcher(Repository.read(document)).results().map(MatchResult::group))
        .isEmpty();
  }
}
