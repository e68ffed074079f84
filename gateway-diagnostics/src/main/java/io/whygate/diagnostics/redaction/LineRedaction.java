package io.whygate.diagnostics.redaction;

import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Takes out of a line what operators need not see: secrets, queries, and who the visitors are.
public final class LineRedaction {
  private static final int CHARACTERS = 300;
  private static final int LOOKED_AT = 1_000;
  private static final String MASK = "***";

  private static final Pattern SECRET =
      Pattern.compile(
          "(?i)([\\w-]*(?:authorization|cookie|pwd|api[-_]?key|nonce|private[-_]?key|"
              + String.join("|", Secrets.PARTS)
              + ")[\\w-]*)(['\"]?\\s*(?:=>|[=:])\\s*)"
              + "(?:(?:bearer|basic|digest)\\s+)?(?:\"[^\"]*\"?|'[^']*'?|[^\\s,;&'\"]+)");
  private static final Pattern USER_INFO = Pattern.compile("://[^/\\s:@]+:[^/\\s@]+@");
  private static final Pattern QUERY = Pattern.compile("\\?[^\\s\"']+");
  private static final Pattern TOKEN =
      Pattern.compile(
          "\\b(?:"
              + Secrets.STARTS.stream().map(Pattern::quote).collect(Collectors.joining("|"))
              + ")[\\w.+~-]{"
              + Secrets.SHORT_TOKEN
              + ",}|\\b[0-9A-Fa-f]{32,}\\b");
  private static final Pattern MAIL = Pattern.compile("[\\w.+-]{1,64}@([\\w-]+\\.[\\w.-]{2,})");
  private static final Pattern CARD = Pattern.compile("\\b\\d(?:[ -]?\\d){12,18}\\b");
  private static final Pattern VISITOR =
      Pattern.compile(
          "(?i)(client:? |remote[-_ ]addr\\W{1,4}|x-forwarded-for\\W{1,4}|rhost=)[0-9a-f.:]+");
  private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\uFFFD]+");

  private LineRedaction() {}

  /// The line as an operator may see it, cut to 300 characters.
  public static String of(String line) {
    String shown = line.length() > LOOKED_AT ? line.substring(0, LOOKED_AT) : line;
    shown = CONTROL.matcher(shown).replaceAll(" ");
    shown = SECRET.matcher(shown).replaceAll("$1$2" + MASK);
    shown = USER_INFO.matcher(shown).replaceAll("://" + MASK + "@");
    shown = QUERY.matcher(shown).replaceAll("?" + MASK);
    shown = TOKEN.matcher(shown).replaceAll(MASK);
    shown = MAIL.matcher(shown).replaceAll(MASK + "@$1");
    shown = CARD.matcher(shown).replaceAll(MASK);
    shown = VISITOR.matcher(shown).replaceAll("$1" + MASK);
    return shown.length() > CHARACTERS ? shown.substring(0, CHARACTERS) : shown;
  }
}
