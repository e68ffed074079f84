package io.whygate.diagnostics.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.platform.Platform;
import io.whygate.diagnostics.verdict.Cause;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;

class PlatformAdviceTest {
  private final PlatformAdvice advice = new PlatformAdvice();

  @ParameterizedTest
  @EnumSource(Platform.class)
  void everyPlatformHasAdviceInEveryLanguage(Platform platform) {
    for (Language language : Language.OPERATORS) {
      assertThat(
              Arrays.stream(Cause.values())
                  .flatMap(cause -> advice.of(platform.id(), cause, language).stream()))
          .as(platform + " " + language)
          .isNotEmpty();
    }
  }

  @ParameterizedTest
  @FieldSource("io.whygate.diagnostics.page.Language#OPERATORS")
  void everyKeyNamesAPlatformAndACauseAndNothingIsCountedPast(Language language) {
    Map<String, String> texts = advice.all(language);
    assertThat(texts.keySet()).isEqualTo(advice.all(Language.ENGLISH).keySet());
    assertThat(texts.keySet()).containsAll(advice.commands().keySet());
    long found = 0;
    for (Platform platform : Platform.values()) {
      for (Cause cause : Cause.values()) {
        found += advice.of(platform.id(), cause, language).size();
      }
    }
    assertThat(found).isEqualTo(texts.size());
  }

  @Test
  void comesBeforeWhatAnybodyDoes() {
    FixSteps fixSteps = new FixSteps();
    Texts texts = Texts.of(Language.ENGLISH, Map.of());
    List<FixSteps.FixStep> plain = fixSteps.of(Cause.APPLICATION_CRASHED, texts, Map.of("x", "y"));
    List<FixSteps.FixStep> known =
        fixSteps.of(Cause.APPLICATION_CRASHED, texts, Map.of("platform", "wordpress"));
    assertThat(known).hasSize(plain.size() + 3);
    assertThat(known.get(1).command()).startsWith("wp plugin deactivate");
    assertThat(known.getLast().number()).isEqualTo(known.size());
    assertThat(known.getLast().text()).isEqualTo(plain.getLast().text());
  }
}
