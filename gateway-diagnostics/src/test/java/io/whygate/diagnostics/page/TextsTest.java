package io.whygate.diagnostics.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Step;
import io.whygate.diagnostics.verdict.StepNote;
import io.whygate.diagnostics.verdict.StepState;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class TextsTest {
  @Test
  void everyCauseStepAndNoteHasItsTexts() {
    Map<String, String> texts = Texts.read("en");
    for (Cause cause : Cause.values()) {
      for (String part : List.of("title", "detail", "advice", "why", "fix.1", "fix.2")) {
        assertThat(texts).containsKey("cause." + cause.code() + "." + part);
      }
    }
    for (StepNote note : StepNote.values()) {
      assertThat(texts).containsKey("note." + note.name());
    }
    for (Step step : Step.values()) {
      assertThat(texts).containsKey("step." + step.code());
    }
    for (StepState state : StepState.values()) {
      assertThat(texts).containsKey("state." + state.code());
    }
  }

  @ParameterizedTest
  @FieldSource("io.whygate.diagnostics.page.Language#BUILT_IN")
  void noLanguageMissesATextOrAPlace(Language language) {
    Map<String, String> english = new HashMap<>(Texts.read("en"));
    if (!Language.OPERATORS.contains(language)) {
      english.keySet().removeIf(Texts::isForOperators);
    }
    Map<String, String> texts = Texts.read(language.tag());
    assertThat(new TreeSet<>(texts.keySet())).isEqualTo(new TreeSet<>(english.keySet()));
    assertThat(texts.values()).noneMatch(String::isBlank);
    texts.forEach((key, text) -> {
      assertThat(OwnTexts.places(text)).as(key).isEqualTo(OwnTexts.places(english.get(key)));
    });
  }

  @ParameterizedTest
  @FieldSource("io.whygate.diagnostics.page.Language#BUILT_IN")
  void nothingIsSaidOfWhatIsNoCause(Language language) {
    for (String key : Texts.of(language, Map.of()).all().keySet()) {
      if (key.startsWith("cause.")) {
        String code =
            key.replaceAll(
                "^cause\\.|(\\.(own|heap|tracking|opening|socket|forgotten))?\\.(title|detail|advice|why|fix\\.[0-9]+)$",
                "");
        assertThat(Cause.ofCode(code)).as(key).isPresent();
      }
      if (key.startsWith("note.")) {
        assertThat(StepNote.values()).extracting(n -> "note." + n.name()).contains(key);
      }
    }
  }

  /// Who sent a form wanted no page: what failed is a part of the site, to them and to others.
  @Test
  void noCauseTakesTheRequestForOneOfAPage() {
    Texts english = Texts.of(Language.ENGLISH, Map.of());
    for (Cause cause : Cause.values()) {
      String said =
          english.title(cause) + " " + english.detail(cause) + " " + english.advice(cause);
      assertThat(said.replaceAll("(?i)this page (keeps|waits|notices)", ""))
          .as(cause.code())
          .doesNotContainIgnoringCase("this page");
    }
  }

  @ParameterizedTest
  @FieldSource("io.whygate.diagnostics.page.Language#BUILT_IN")
  void whatVisitorsReadHasNoPlacesForParameters(Language language) {
    Texts texts = Texts.of(language, Map.of());
    for (Cause cause : Cause.values()) {
      assertThat(texts.title(cause) + texts.detail(cause) + texts.advice(cause))
          .as(cause.code())
          .doesNotContain("{")
          .doesNotContain("DNS", "TCP", "HTTP", "IPv");
    }
  }

  @Test
  void aLanguageOfTheOperatorsOwnMustBeWhole() {
    Language swedish = new Language("sv");
    Map<String, String> own = new HashMap<>(Texts.read("de"));
    Texts texts = Texts.of(swedish, own);
    assertThat(texts.title(Cause.DNS_DRIFT)).isEqualTo("Die Website ist umgezogen");
    assertThat(texts.get("cause.dns.drift.why")).startsWith("The name’s own servers");
    own.remove("page.side");
    assertThat(OwnTexts.check(swedish, own))
        .hasToString(
            "Optional[text: page.side: missing (expected: every text that visitors read)]");
  }

  @Test
  void anOwnTextHasNoPlaceThatWasNeverFilled() {
    assertThat(OwnTexts.check(Language.ENGLISH, Map.of("next.wait", "Wait {wait}."))).isEmpty();
    assertThat(OwnTexts.check(Language.ENGLISH, Map.of("next.wait", "Soon."))).isEmpty();
    assertThat(OwnTexts.check(Language.ENGLISH, Map.of("next.wait", "Wait {time}.")))
        .hasToString("Optional[text: next.wait: the place {time} (expected: of [wait])]");
    assertThat(OwnTexts.check(Language.ENGLISH, Map.of("page.side", " ")))
        .hasToString("Optional[text: page.side: empty (expected: a text)]");
  }

  @Test
  void everyCommandBelongsToAStep() {
    Texts texts = Texts.of(Language.ENGLISH, Map.of());
    for (String key : new FixSteps().commands().keySet()) {
      int dot = key.lastIndexOf('.');
      String step = "cause." + key.substring(0, dot) + ".fix" + key.substring(dot);
      assertThat(texts.all()).containsKey(step);
    }
  }

  @Test
  void notesAreFilledByNumberAndUnit() {
    Texts english = Texts.of(Language.ENGLISH, Map.of());
    Texts vietnamese = Texts.of(Language.VIETNAMESE, Map.of());
    assertThat(english.duration(Duration.ofSeconds(1))).isEqualTo("1 second");
    assertThat(english.duration(Duration.ofSeconds(30))).isEqualTo("30 seconds");
    assertThat(english.duration(Duration.ofMinutes(5))).isEqualTo("5 minutes");
    assertThat(english.duration(Duration.ofMillis(40))).isEqualTo("40 ms");
    assertThat(vietnamese.duration(Duration.ofHours(3))).isEqualTo("3 giờ");
    assertThat(english.finding(Examples.steps(Cause.UNKNOWN).getFirst(), Cause.UNKNOWN))
        .startsWith("tried 2 times more, the last ");
  }

  @Test
  void aWordGoesWithItsNumberAsTheLanguageCounts() {
    assertThat(counted(Language.ENGLISH, "request:requests", 1, 2, 21))
        .containsExactly("request", "requests", "requests");
    assertThat(counted(new Language("fr"), "fois:foisx", 0, 1, 2))
        .containsExactly("fois", "fois", "foisx");
    Texts arabic = Texts.of(new Language("ar"), Map.of());
    assertThat(arabic.duration(Duration.ofSeconds(1))).isEqualTo("1 ثانية");
    assertThat(arabic.duration(Duration.ofSeconds(5))).isEqualTo("5 ثوانٍ");
    assertThat(arabic.duration(Duration.ofSeconds(30))).isEqualTo("30 ثانية");
    assertThat(arabic.duration(Duration.ofSeconds(103))).isEqualTo("103 ثوانٍ");
    assertThat(counted(new Language("pl"), "sekundę:sekundy:sekund", 1, 3, 5, 13, 22))
        .containsExactly("sekundę", "sekundy", "sekund", "sekund", "sekundy");
    assertThat(counted(new Language("ru"), "a:b:c", 21, 11, 4)).containsExactly("a", "c", "b");
    assertThat(counted(new Language("cs"), "a:b:c", 4, 5, 22)).containsExactly("b", "c", "c");
  }

  private static List<String> counted(Language language, String words, long... numbers) {
    return LongStream.of(numbers)
        .mapToObj(number -> Plural.choose(language, number, words))
        .toList();
  }

  @Test
  void anOwnTextReplacesOneAndMustHaveItsKey() {
    Map<String, String> own = Map.of("cause.server.port-closed.title", "We are having a nap");
    assertThat(Texts.of(Language.ENGLISH, own).title(Cause.SERVER_PORT_CLOSED))
        .isEqualTo("We are having a nap");
    assertThatThrownBy(() -> Texts.of(Language.ENGLISH, Map.of("cause.nap.title", "x")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("text: cause.nap.title (expected: a key of texts/en.properties)");
  }
}
