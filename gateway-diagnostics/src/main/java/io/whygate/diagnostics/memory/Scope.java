package io.whygate.diagnostics.memory;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// How narrow a failure is: what all that fails has in common, while others are answered.
public record Scope(List<Narrowing> narrowings) {
  public static final Scope NONE = new Scope(List.of());

  public Scope {
    narrowings = List.copyOf(narrowings);
  }

  /// By what requests are told apart.
  public enum Dimension {
    PATH,
    METHOD,
    CLIENT,
    SERVER;

    /// As documents write it.
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// One value of a dimension that fails, while the others do not.
  ///
  /// @param only the value
  /// @param failed requests with it that failed
  /// @param answered requests with it that were answered
  /// @param others how many other values were answered
  /// @param othersAnswered requests with those that were answered
  public record Narrowing(
      Dimension dimension,
      String only,
      long failed,
      long answered,
      int others,
      long othersAnswered) {

    /// As a sentence for operators.
    public String words() {
      return "So far only "
          + what()
          + " "
          + (dimension == Dimension.CLIENT ? "fail" : "fails")
          + " ("
          + count(failed, "time")
          + (answered > 0 ? ", answered " + count(answered, "time") : "")
          + "), while "
          + count(othersAnswered, "request")
          + " "
          + whose()
          + (othersAnswered == 1 ? " was" : " were")
          + " answered.";
    }

    private String what() {
      return switch (dimension) {
        case PATH -> "the path " + only;
        case METHOD -> "the method " + only;
        case CLIENT -> "requests of " + only;
        case SERVER -> "the server " + only;
      };
    }

    private String whose() {
      return switch (dimension) {
        case PATH -> "for " + count(others, "other path");
        case METHOD -> "by " + count(others, "other method");
        case CLIENT -> "of " + count(others, "other kind") + " of clients";
        case SERVER -> "at " + count(others, "other server");
      };
    }

    private static String count(long number, String what) {
      return number + " " + what + (number == 1 ? "" : "s");
    }
  }

  public Optional<Narrowing> by(Dimension dimension) {
    return narrowings.stream().filter(each -> each.dimension() == dimension).findFirst();
  }

  /// As sentences for operators; empty where nothing is told apart.
  public String words() {
    return narrowings.stream().map(Narrowing::words).collect(Collectors.joining(" "));
  }
}
