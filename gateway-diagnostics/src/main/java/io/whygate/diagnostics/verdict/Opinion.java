package io.whygate.diagnostics.verdict;

import java.util.Map;

/// What a rule holds of one cause: how sure it is, and what speaks against it.
///
/// @param verdict the cause with what speaks for it
/// @param against what speaks against it, for operators; empty for nothing in particular
public record Opinion(Verdict verdict, String against) {

  /// Holds that this is the cause.
  public static Opinion holds(
      Cause cause, double confidence, String because, Map<String, String> parameters) {
    return new Opinion(new Verdict(cause, confidence, because, parameters), "");
  }

  /// Holds that a line of the server's log names this cause.
  public static Opinion logged(
      Cause cause, double confidence, String because, Map<String, String> parameters) {
    return new Opinion(new Verdict(cause, confidence, because, true, parameters), "");
  }

  /// Holds that this looks like the cause and is not, or not surely.
  public static Opinion doubts(Cause cause, double confidence, String against) {
    return new Opinion(new Verdict(cause, confidence, "", Map.of()), against);
  }

  public Cause cause() {
    return verdict.cause();
  }

  public double confidence() {
    return verdict.confidence();
  }
}
