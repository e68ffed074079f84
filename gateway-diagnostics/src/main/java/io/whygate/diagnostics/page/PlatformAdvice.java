package io.whygate.diagnostics.page;

import io.whygate.diagnostics.verdict.Cause;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What operators do about a cause on one platform: that platform's own commands and places.
///
/// One text a language and one file of commands, as `PLATFORM.CAUSE.N`. Visitors never read them:
/// they name software.
final class PlatformAdvice {
  private final Map<Language, Map<String, String>> texts = new HashMap<>();
  private final Map<String, String> commands = Texts.read("platforms/commands");

  PlatformAdvice() {
    for (Language language : Language.OPERATORS) {
      texts.put(language, Texts.read("platforms/" + language.tag()));
    }
  }

  /// One step, its places not filled.
  record Advice(String text, String command) {}

  /// The steps for a cause on a platform, in order; none where there is nothing of its own to say.
  ///
  /// @param platform as [io.whygate.diagnostics.platform.Platform#id()]; empty for none
  List<Advice> of(String platform, Cause cause, Language language) {
    List<Advice> steps = new ArrayList<>();
    for (int n = 1; ; n++) {
      String key = platform + "." + cause.code() + "." + n;
      String text = all(language).get(key);
      if (text == null) {
        return steps;
      }
      steps.add(new Advice(text, commands.getOrDefault(key, "")));
    }
  }

  /// All texts of a language, by key.
  Map<String, String> all(Language language) {
    return texts.getOrDefault(language, Map.of());
  }

  Map<String, String> commands() {
    return commands;
  }
}
