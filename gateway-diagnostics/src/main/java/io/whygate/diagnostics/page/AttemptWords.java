package io.whygate.diagnostics.page;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.Http2Errors;
import io.whygate.diagnostics.facts.Phase;
import java.util.Locale;
import java.util.regex.Pattern;

/// Says in one line, for operators, how an attempt ended.
public final class AttemptWords {
  /// The names of exceptions, which libraries put before what they say.
  private static final Pattern CLASS = Pattern.compile("\\b(?:[a-z]\\w*\\.)+[A-Z]\\w*: ");

  /// The same of the standard by which chains of certificates are judged (RFC 5280).
  private static final Pattern CHAIN =
      Pattern.compile("\\bPKIX path (?:validation|building) failed: ");

  private AttemptWords() {}

  /// How it ended, such as `reset by the server while waiting for the answer`.
  public static String of(FailedAttempt attempt) {
    return switch (attempt.failure()) {
      case AttemptFailure.NameNotResolved f ->
          "no address for " + f.name() + (f.rcode().isEmpty() ? "" : ": " + f.rcode());
      case AttemptFailure.ConnectRefused _ -> "connection refused";
      case AttemptFailure.Unreachable f -> lower(f.kind()) + " unreachable";
      case AttemptFailure.NotDialled f -> undialled(f);
      case AttemptFailure.TlsRejected f ->
          "TLS handshake failed: "
              + CHAIN
                  .matcher(CLASS.matcher(f.detail()).replaceAll(""))
                  .replaceAll("the certificate was refused: ");
      case AttemptFailure.TimedOut(Phase phase, var limit) ->
          "nothing for " + limit.toMillis() + " ms " + during(phase, attempt);
      case AttemptFailure.ConnectionLost(Phase phase, Closing closing) ->
          (closing == Closing.RESET ? "reset" : "closed")
              + " by the server "
              + during(phase, attempt);
      case AttemptFailure.MalformedResponse f -> f.detail() + place(attempt, f);
      case AttemptFailure.StreamFailed f -> "HTTP/2 error " + Http2Errors.name(f.code());
      case AttemptFailure.UpstreamStatus f -> "the server answered " + f.status();
    };
  }

  private static String undialled(AttemptFailure.NotDialled failure) {
    return switch (failure.problem()) {
      case PORTS_EXHAUSTED -> "no free local port";
      case DESCRIPTORS_EXHAUSTED -> "no free descriptor";
      case SYSTEM_DESCRIPTORS_EXHAUSTED -> "no free descriptor in the whole system";
      case PERMISSION_DENIED -> "permission denied";
      case SOCKET_MISSING -> "the socket's file is not there";
      case BACKLOG_FULL -> "the server's queue of connections is full";
      case OTHER -> "not dialled: " + failure.detail();
    };
  }

  private static String during(Phase phase, FailedAttempt attempt) {
    return switch (phase) {
      case RESOLVE -> "while looking up the name";
      case CONNECT -> "while connecting";
      case TLS_HANDSHAKE -> "during the TLS handshake";
      case SEND_REQUEST -> "while the request was sent, after " + bytes(attempt.bytesSent());
      case AWAIT_RESPONSE -> "while waiting for the answer";
      case READ_RESPONSE -> "within the answer, after " + bytes(attempt.bytesReceived());
    };
  }

  private static String place(FailedAttempt attempt, AttemptFailure.MalformedResponse failure) {
    long at = attempt.wire().spot().isKnown() ? attempt.wire().spot().offset() : failure.offset();
    return at < 0 ? "" : ", at byte " + at + " of the answer";
  }

  private static String bytes(long number) {
    return number + (number == 1 ? " byte" : " bytes");
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
