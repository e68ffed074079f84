package io.whygate.diagnostics.memory;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// How narrow a failure is: what all that fails has in common, while others are answered.
///
/// @param narrowings what it has in common
/// @param since when the counting began; empty where nothing was counted
/// @param failed requests that failed since
/// @param answered requests that were answered since
public record Scope(
    List<Narrowing> narrowings, Optional<Instant> since, long failed, long answered) {
  public static final Scope NONE = new Scope(List.of(), Optional.empty(), 0, 0);

  public Scope {
    narrowings = List.copyOf(narrowings);
  }

  /// By what requests are told apart.
  public enum Dimension {
    PATH,
    METHOD,
    /// One client's address.
    CLIENT,
    CLIENT_KIND,
    SERVER,
    /// The size of the largest field.
    FIELD,
    /// The size of the head.
    HEAD,
    /// The size of the content, of those that have any.
    BODY;

    /// Whether it is told by "larger than", not by a value.
    boolean isSize() {
      return this == FIELD || this == HEAD || this == BODY;
    }

    /// As documents write it.
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// A few values of a dimension that fail, while the others do not.
  ///
  /// @param only the values; of a size one, in words
  /// @param failed requests with them that failed
  /// @param answered requests with them that were answered
  /// @param others the other values that were answered; of a size one, in words
  /// @param othersFailed requests with others that failed
  /// @param othersAnswered requests with others that were answered
  /// @param possible how many others there may be; -1 where nobody knows
  public record Narrowing(
      Dimension dimension,
      List<String> only,
      long failed,
      long answered,
      List<String> others,
      long othersFailed,
      long othersAnswered,
      int possible) {
    /// So many are named, of more their number is told.
    private static final int MOST_NAMED = 3;

    public Narrowing {
      only = List.copyOf(only);
      others = List.copyOf(others);
    }

    /// As a sentence for operators.
    public String words() {
      boolean several = only.size() > 1 || dimension == Dimension.CLIENT_KIND || dimension.isSize();
      return "So far only %s %s: %d of %s failed, %d of %d %s."
          .formatted(
              what(),
              several ? "fail" : "fails",
              failed,
              count(failed + answered, noun()),
              othersFailed,
              othersFailed + othersAnswered,
              whose());
    }

    private String noun() {
      return switch (dimension) {
        case METHOD -> String.join(" and ", only) + " request";
        case SERVER -> "try:tries";
        default -> "request";
      };
    }

    private String what() {
      boolean several = only.size() > 1;
      return switch (dimension) {
        case PATH -> (several ? "the paths " : "the path ") + named(only);
        case METHOD -> (several ? "the methods " : "the method ") + named(only);
        case CLIENT -> (several ? "the clients " : "the client ") + named(only);
        case CLIENT_KIND -> "requests of " + named(only);
        case SERVER -> (several ? "the servers " : "the server ") + named(only);
        case FIELD, HEAD, BODY -> "requests with " + named(only);
      };
    }

    private String whose() {
      return switch (dimension) {
        case PATH -> "for " + counted("other path");
        case METHOD ->
            others.size() <= MOST_NAMED ? "by " + named(others) : "by " + counted("other method");
        case CLIENT -> "of " + counted("other client");
        case CLIENT_KIND ->
            others.size() <= MOST_NAMED ? "of " + named(others) : "of other kinds of clients";
        case SERVER ->
            "at "
                + (possible > others.size()
                    ? others.size() + " of " + count(possible, "other server")
                    : counted("other server"));
        case FIELD, HEAD, BODY -> "with " + named(others);
      };
    }

    private String counted(String what) {
      return count(others.size(), what);
    }

    private static String named(List<String> values) {
      return values.size() < 2
          ? String.join("", values)
          : String.join(", ", values.subList(0, values.size() - 1)) + " and " + values.getLast();
    }

    private static String count(long number, String what) {
      int colon = what.indexOf(':');
      String one = colon < 0 ? what : what.substring(0, colon);
      String more = colon < 0 ? what + "s" : what.substring(colon + 1);
      return number + " " + (number == 1 ? one : more);
    }
  }

  public Optional<Narrowing> by(Dimension dimension) {
    return narrowings.stream().filter(each -> each.dimension() == dimension).findFirst();
  }

  /// As sentences for operators; empty where nothing is told apart.
  public String words() {
    return narrowings.stream().map(Narrowing::words).collect(Collectors.joining(" "));
  }

  /// The same where nothing is told apart too: that nothing is.
  public String evidence() {
    if (!narrowings.isEmpty()) {
      return words();
    }
    return "%d of %d failed%s"
        .formatted(
            failed,
            failed + answered,
            answered == 0
                ? ": all that came, whatever they asked for"
                : "; no path, method, client, server or size tells them from the others");
  }
}
