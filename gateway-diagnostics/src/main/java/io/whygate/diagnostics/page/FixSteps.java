package io.whygate.diagnostics.page;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.diagnostics.verdict.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// What an operator does about a cause: numbered steps, most with a command to type.
///
/// The sentences are texts of a language; the commands are the same in all and stand in
/// `texts/commands.properties`, as `CODE.N`. Where the server's platform is known, its own steps
/// come first.
final class FixSteps {
  /// What may be put into a command: one word that a shell reads as nothing else. Values come from
  /// servers and name servers too, and a person will paste the command.
  private static final Pattern ONE_WORD = Pattern.compile("[A-Za-z0-9._:/@%+=,-]{1,253}");

  /// A place, as against the braces of a command's own.
  private static final Pattern PLACE = Pattern.compile("[a-z][a-z-]*");

  private final PlatformAdvice advice = new PlatformAdvice();
  private final Map<String, String> commands = Map.copyOf(Texts.read("commands"));

  /// One step.
  ///
  /// @param command what to type, or empty
  record FixStep(int number, String text, String command) {}

  /// The commands by key.
  Map<String, String> commands() {
    return commands;
  }

  /// The steps with their places as they stand in the texts.
  List<FixStep> of(Cause cause, Texts texts) {
    return of(cause, texts, Map.of());
  }

  /// The steps with their places filled as far as the parameters go; what is not known stands as
  /// `<name>`.
  List<FixStep> of(Cause cause, Texts texts, Map<String, String> parameters) {
    List<FixStep> steps = new ArrayList<>();
    String platform = parameters.getOrDefault("platform", "");
    for (PlatformAdvice.Advice own : advice.of(platform, cause, texts.language())) {
      steps.add(step(steps.size() + 1, own.text(), own.command(), parameters));
    }
    String code = code(cause, texts, parameters);
    for (int n = 1; ; n++) {
      Optional<String> text = texts.find("cause." + code + ".fix." + n);
      if (text.isEmpty()) {
        return steps;
      }
      String command = commands.getOrDefault(code + "." + n, "");
      steps.add(step(steps.size() + 1, text.get(), command, parameters));
    }
  }

  private static FixStep step(
      int number, String text, String command, Map<String, String> parameters) {
    return new FixStep(
        number, prose(text, parameters), Texts.fill(command, p -> word(p, parameters)));
  }

  /// What is behind a cause, in an operator's words: of its special case, where that has its own.
  static String why(Cause cause, Texts texts, Map<String, String> parameters) {
    return prose(texts.get("cause." + code(cause, texts, parameters) + ".why"), parameters);
  }

  /// The cause's code, with that of its special case where that has texts of its own.
  private static String code(Cause cause, Texts texts, Map<String, String> parameters) {
    String special = cause.code() + "." + parameters.getOrDefault(Verdict.VARIANT, "");
    return texts.find("cause." + special + ".why").isPresent() ? special : cause.code();
  }

  /// An operator's text with its places filled.
  static String prose(String text, Map<String, String> parameters) {
    return Texts.fill(
        text,
        place ->
            PLACE.matcher(place).matches()
                ? Optional.of(parameters.getOrDefault(place, "<" + place + ">"))
                : Optional.empty());
  }

  private static Optional<String> word(String place, Map<String, String> parameters) {
    if (!PLACE.matcher(place).matches()) {
      return Optional.empty();
    }
    String value = asCurlNames(parameters.getOrDefault(place, ""));
    return Optional.of(ONE_WORD.matcher(value).matches() ? value : "<" + place + ">");
  }

  /// An endpoint that bytes are passed on to is one of a protocol that curl does not know; what it
  /// does with `telnet` is to connect.
  private static String asCurlNames(String value) {
    return value.startsWith("tcp://") ? "telnet" + value.substring("tcp".length()) : value;
  }

  /// What fills the places: what the exchange shows, and over it what the verdict gives.
  static Map<String, String> parameters(Diagnosis diagnosis) {
    FailedExchange exchange = diagnosis.exchange();
    Map<String, String> parameters = new HashMap<>();
    parameters.put("upstream", exchange.upstream());
    parameters.put("method", exchange.request().method());
    parameters.put("path", exchange.request().path());
    parameters.put("site", exchange.request().host());
    exchange
        .subject()
        .ifPresent(attempt -> {
          Endpoint endpoint = attempt.endpoint();
          parameters.put("endpoint", endpoint.url());
          if (endpoint.isUnix()) {
            parameters.put("socket", endpoint.host());
          } else {
            parameters.put("host", endpoint.host());
            parameters.put("port", Integer.toString(endpoint.port()));
            parameters.put("address", endpoint.host());
          }
          attempt.address().ifPresent(a -> parameters.put("address", a.getHostAddress()));
        });
    parameters.putAll(diagnosis.verdict().parameters());
    return parameters;
  }
}
