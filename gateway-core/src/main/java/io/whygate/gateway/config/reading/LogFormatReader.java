package io.whygate.gateway.config.reading;

import io.whygate.gateway.config.LogFormat;
import io.whygate.gateway.config.LogFormat.Field;
import io.whygate.gateway.config.LogFormat.Literal;
import io.whygate.gateway.config.LogFormat.Piece;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads how a line of the access log is written: `json`, `combined`, or a pattern with the
/// directives of Apache's LogFormat and a few of our own.
final class LogFormatReader {
  private static final String COMBINED =
      "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-agent}i\"";
  private static final Pattern DIRECTIVE = Pattern.compile("%(?:\\{([^}]*)})?(>?[A-Za-z%])");

  private static final Map<String, Field> PLAIN =
      Map.ofEntries(
          Map.entry("h", Field.CLIENT),
          Map.entry("a", Field.CLIENT),
          Map.entry("l", Field.USER),
          Map.entry("u", Field.USER),
          Map.entry("t", Field.TIME),
          Map.entry("r", Field.REQUEST_LINE),
          Map.entry("m", Field.METHOD),
          Map.entry("U", Field.PATH),
          Map.entry("q", Field.QUERY),
          Map.entry("H", Field.PROTOCOL),
          Map.entry("v", Field.HOST),
          Map.entry("V", Field.HOST),
          Map.entry("s", Field.STATUS),
          Map.entry(">s", Field.STATUS),
          Map.entry("b", Field.RESPONSE_BYTES_OR_DASH),
          Map.entry("B", Field.RESPONSE_BYTES),
          Map.entry("O", Field.RESPONSE_BYTES),
          Map.entry("I", Field.REQUEST_BYTES),
          Map.entry("D", Field.DURATION_MICROS),
          Map.entry("T", Field.DURATION_SECONDS),
          Map.entry("L", Field.REQUEST_ID));

  private static final Map<String, Field> NAMED =
      Map.ofEntries(
          Map.entry("host i", Field.HOST),
          Map.entry("referer i", Field.REFERER),
          Map.entry("user-agent i", Field.USER_AGENT),
          Map.entry("us t", Field.DURATION_MICROS),
          Map.entry("ms t", Field.DURATION_MILLIS),
          Map.entry("s t", Field.DURATION_SECONDS),
          Map.entry("iso t", Field.TIME_ISO),
          Map.entry("target x", Field.TARGET),
          Map.entry("scheme x", Field.SCHEME),
          Map.entry("listener x", Field.LISTENER),
          Map.entry("route x", Field.ROUTE),
          Map.entry("upstream x", Field.UPSTREAM),
          Map.entry("endpoint x", Field.ENDPOINT),
          Map.entry("attempts x", Field.ATTEMPTS),
          Map.entry("outcome x", Field.OUTCOME),
          Map.entry("cause x", Field.CAUSE),
          Map.entry("incident x", Field.INCIDENT),
          Map.entry("trace x", Field.TRACE));

  private LogFormatReader() {}

  static LogFormat read(Setting setting) {
    String text = setting.text();
    return switch (text) {
      case "json" -> new LogFormat.Json();
      case "combined" -> new LogFormat.Pattern(pieces(COMBINED).orElseThrow());
      default ->
          setting
              .parse(
                  "json, combined, or a pattern of the directives in docs/operations.md, such as"
                      + " \"%h %t %>s %{ms}T\"",
                  each -> each.contains("%") ? pieces(each) : Optional.empty())
              .<LogFormat>map(LogFormat.Pattern::new)
              .orElse(new LogFormat.Json());
    };
  }

  private static Optional<List<Piece>> pieces(String pattern) {
    List<Piece> pieces = new ArrayList<>();
    StringBuilder literal = new StringBuilder();
    Matcher directive = DIRECTIVE.matcher(pattern);
    int at = 0;
    while (directive.find(at)) {
      literal.append(pattern, at, directive.start());
      at = directive.end();
      if (directive.group(2).equals("%") && directive.group(1) == null) {
        literal.append('%');
        continue;
      }
      Field field = field(directive);
      if (field == null) {
        return Optional.empty();
      }
      if (!literal.isEmpty()) {
        pieces.add(new Literal(literal.toString()));
        literal.setLength(0);
      }
      pieces.add(field);
    }
    String rest = pattern.substring(at);
    if (rest.contains("%") || pattern.indexOf('\n') >= 0) {
      return Optional.empty();
    }
    literal.append(rest);
    if (!literal.isEmpty()) {
      pieces.add(new Literal(literal.toString()));
    }
    return Optional.of(pieces);
  }

  private static @Nullable Field field(Matcher directive) {
    String name = directive.group(1);
    String letter = directive.group(2);
    if (name == null) {
      return PLAIN.get(letter);
    }
    // %{ms}T is a duration, %{iso}t a time: both are known by their names.
    return NAMED.get(name.toLowerCase(Locale.ROOT) + " " + letter.toLowerCase(Locale.ROOT));
  }
}
