package io.whygate.gateway.config;

import java.util.List;

/// How a line of the access log is written.
public sealed interface LogFormat {

  /// An object of JSON with an entry for each attempt.
  record Json() implements LogFormat {}

  /// Pieces one after the other, as Apache's LogFormat describes them.
  record Pattern(List<Piece> pieces) implements LogFormat {
    public Pattern {
      pieces = List.copyOf(pieces);
    }
  }

  /// A part of a line.
  sealed interface Piece {}

  /// Text that stands in every line.
  record Literal(String text) implements Piece {}

  /// A value of the exchange.
  enum Field implements Piece {
    CLIENT,
    USER,
    TIME,
    TIME_ISO,
    REQUEST_LINE,
    METHOD,
    TARGET,
    PATH,
    QUERY,
    PROTOCOL,
    SCHEME,
    HOST,
    STATUS,
    RESPONSE_BYTES,
    RESPONSE_BYTES_OR_DASH,
    REQUEST_BYTES,
    DURATION_MICROS,
    DURATION_MILLIS,
    DURATION_SECONDS,
    USER_AGENT,
    REFERER,
    REQUEST_ID,
    TRACE,
    LISTENER,
    ROUTE,
    UPSTREAM,
    ENDPOINT,
    ATTEMPTS,
    OUTCOME,
    CAUSE,
    INCIDENT
  }
}
