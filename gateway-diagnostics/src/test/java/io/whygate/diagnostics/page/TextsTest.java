package io.whygate.diagnostics.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Step;
import io.whygate.diagnostics.verdict.StepNote;
import io.whygate.diagnostics.verdict.StepState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TextsTest {
  private static final Pattern PLACE = Pattern.compile("\\{([^}]*)}");

  @ParameterizedTest
  @EnumSource(Language.class)
  void everyCauseStepAndNoteHasItsTexts(Language language) {
    Map<String, String> texts = Texts.of(language, Map.of()).all();
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
    assertThat(texts.values()).noneMatch(String::isBlank);
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void everyLanguageHasTheSameTextsWithTheSamePlaces(Language language) {
    Map<String, String> english = Texts.of(Language.ENGLISH, Map.of()).all();
    Map<String, String> texts = Texts.of(language, Map.of()).all();
    assertThat(new TreeSet<>(texts.keySet())).isEqualTo(new TreeSet<>(english.keySet()));
    texts.forEach(
        (key, text) -> assertThat(places(text)).as(key).isEqualTo(places(english.get(key))));
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void nothingIsSaidOfWhatIsNoCause(Language language) {
    for (String key : Texts.of(language, Map.of()).all().keySet()) {
      if (key.startsWith("cause.")) {
        String code =
            key.replaceAll("^cause\\.|(\\.own)?\\.(title|detail|advice|why|fix\\.[0-9]+)$", "");
        assertThat(Cause.ofCode(code)).as(key).isPresent();
      }
      if (key.startsWith("note.")) {
        assertThat(StepNote.values()).extracting(n -> "note." + n.name()).contains(key);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Language.class)
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
  void anOwnTextReplacesOneAndMustHaveItsKey() {
    Map<String, String> own = Map.of("cause.server.port-closed.title", "We are having a nap");
    assertThat(Texts.of(Language.ENGLISH, own).title(Cause.SERVER_PORT_CLOSED))
        .isEqualTo("We are having a nap");
    assertThatThrownBy(() -> Texts.of(Language.ENGLISH, Map.of("cause.nap.title", "x")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("text: cause.nap.title (expected: a key of texts/en.properties)");
  }

  private static TreeSet<String> places(String text) {
    TreeSet<String> places = new TreeSet<>();
    Matcher matcher = PLACE.matcher(text);
    while (matcher.find()) {
      if (!matcher.group(1).contains("?")) {
        places.add(matcher.group(1));
      }
    }
    return places;
  }
}
