package io.whygate.diagnostics.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Each cause has all that makes one: a rule that names it, words for visitors and operators, steps
/// with something to type, and its page. That each is shown on a real fault, with its status and
/// its type of RFC 9209, is asserted where the faults are.
class EveryCauseTest {
  private static final String ROOT = "io.whygate.diagnostics.";
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.whygate.diagnostics");

  private static Texts texts(Language language) {
    return Texts.of(language, Map.of());
  }

  /// Those of the gateway's own certificates are no exchange's: the program that has the
  /// certificates names them, as its `CertificateIncidentsTest` shows.
  @ParameterizedTest
  @EnumSource(
      value = Cause.class,
      mode = EnumSource.Mode.MATCH_NONE,
      names = "GATEWAY_CERTIFICATE_.*")
  void isNamedByARule(Cause cause) {
    Stream<String> packages =
        CLASSES.get(Cause.class).getField(cause.name()).getAccessesToSelf().stream()
            .map(access -> access.getOriginOwner().getPackageName());
    String judge = cause == Cause.UNKNOWN ? ROOT + "verdict" : ROOT + "verdict.rules";
    assertThat(packages)
        .as("who names it")
        .anyMatch(each -> each.equals(judge) || each.startsWith(ROOT + "probe.log"));
  }

  @ParameterizedTest
  @EnumSource(Cause.class)
  void hasWordsAndSteps(Cause cause) {
    for (Language language : Language.OPERATORS) {
      Texts texts = texts(language);
      assertThat(List.of(texts.title(cause), texts.detail(cause), texts.advice(cause)))
          .as(language.tag())
          .doesNotContain("")
          .doesNotHaveDuplicates();
      assertThat(FixSteps.why(cause, texts, Map.of())).as(language.tag()).isNotBlank();
      assertThat(new FixSteps().of(cause, texts)).as(language.tag()).hasSizeGreaterThan(1);
    }
    for (Language language : Language.BUILT_IN) {
      assertThat(texts(language).title(cause)).as(language.tag()).isNotBlank();
    }
    assertThat(Path.of("../docs/causes", cause.code() + ".md")).exists();
  }

  /// Where something can be looked at or changed, there is a command to type for it.
  @ParameterizedTest
  @EnumSource(Cause.class)
  void hasSomethingToType(Cause cause) {
    assertThat(new FixSteps().of(cause, texts(Language.ENGLISH)))
        .anyMatch(step -> !step.command().isEmpty());
  }

  /// A special case that a rule names has words and steps of its own.
  @Test
  void everySpecialCaseHasItsOwnSteps() throws IOException {
    Map<String, Cause> special =
        Map.of(
            "own", Cause.GATEWAY_NETWORK_UNREACHABLE,
            "opening", Cause.APPLICATION_PROTOCOL_MISMATCH,
            "heap", Cause.GATEWAY_OVERLOADED,
            "tracking", Cause.GATEWAY_OVERLOADED);
    special.forEach((variant, cause) -> {
      for (Language language : Language.OPERATORS) {
        Texts texts = texts(language);
        assertThat(FixSteps.why(cause, texts, Map.of(Verdict.VARIANT, variant)))
            .isNotEqualTo(FixSteps.why(cause, texts, Map.of()));
      }
    });
    Path rules = Path.of("src/main/java/io/whygate/diagnostics/verdict/rules");
    try (Stream<Path> files = Files.list(rules)) {
      String all = files.map(EveryCauseTest::read).collect(Collectors.joining());
      assertThat(special.keySet()).allMatch(each -> all.contains("VARIANT, \"" + each + "\""));
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
