package io.whygate.e2e.matrix;

/// What a client, and an operator, has to see of a fault.
///
/// @param seen what the client gets
/// @param cause the code of the cause
/// @param status the status code that the client sees
/// @param error the error type in Proxy-Status; empty where the answer is not the gateway's
/// @param processed whether the server may have acted on the request
/// @param byLog whether the server's own log names it
/// @param because a part of what operators are told of why; empty for anything
public record Expected(
    Seen seen,
    String cause,
    int status,
    String error,
    String processed,
    boolean byLog,
    String because) {

  private Expected(Seen seen, String cause, int status, String error, String processed) {
    this(seen, cause, status, error, processed, false, "");
  }

  /// The same, named by the server's log.
  public Expected saidByLog() {
    return new Expected(seen, cause, status, error, processed, true, because);
  }

  /// The same, with this among what operators are told.
  public Expected because(String part) {
    return new Expected(seen, cause, status, error, processed, byLog, part);
  }

  /// What a client gets.
  public enum Seen {
    /// A page of the gateway's.
    PAGE,
    /// The server's own answer, with the cause in a field.
    PASSED,
    /// An answer that breaks off.
    CUT,
    /// The answer it wanted.
    SERVED
  }

  /// A page.
  public static Expected page(String cause, int status, String error, String processed) {
    return new Expected(Seen.PAGE, cause, status, error, processed);
  }

  /// A page for a request of which nothing was sent.
  public static Expected unsent(String cause, int status, String error) {
    return page(cause, status, error, "not_sent");
  }

  /// The server's own answer.
  public static Expected passed(String cause, int status) {
    return new Expected(Seen.PASSED, cause, status, "", "received");
  }

  /// An answer that breaks off after its head.
  public static Expected cut(String cause) {
    return new Expected(Seen.CUT, cause, 200, "", "received");
  }

  /// A good answer in spite of the fault.
  public static Expected served(String cause) {
    return new Expected(Seen.SERVED, cause, 200, "", "");
  }

  /// What the incident is while the fault lasts.
  public String state() {
    return seen == Seen.SERVED ? "healed" : "open";
  }

  @Override
  public String toString() {
    return switch (seen) {
      case PAGE -> status + " " + cause + ", " + error + ", " + processed;
      case PASSED -> status + " passed on, " + cause;
      case CUT -> "broken off, " + cause;
      case SERVED -> status + ", healed " + cause;
    };
  }
}
