package io.whygate.diagnostics.facts;

import java.time.Duration;
import java.util.List;

/// Why one attempt at one endpoint failed: classified once, where the bytes are.
///
/// Closed, so that a new failure makes the compiler list every place that has to think about it.
public sealed interface AttemptFailure {

  /// The phase in which it failed.
  Phase phase();

  /// The endpoint's name gave no address.
  ///
  /// @param name the name that was asked for
  /// @param problem what came back
  /// @param rcode the DNS response code as a mnemonic, such as `NXDOMAIN`; empty where no answer
  ///   came
  /// @param infoCode the Extended DNS Error (RFC 8914), or -1
  record NameNotResolved(String name, NamingProblem problem, String rcode, int infoCode)
      implements AttemptFailure {
    @Override
    public Phase phase() {
      return Phase.RESOLVE;
    }
  }

  /// The connection was refused: ECONNREFUSED.
  record ConnectRefused() implements AttemptFailure {
    @Override
    public Phase phase() {
      return Phase.CONNECT;
    }
  }

  /// The destination is unreachable. It comes at once from the gateway's own route table, in about
  /// a round trip from a router, and after a second or more where a neighbour does not answer.
  record Unreachable(Unreachability kind) implements AttemptFailure {
    @Override
    public Phase phase() {
      return Phase.CONNECT;
    }
  }

  /// The gateway's own system refused to dial.
  ///
  /// @param detail the system's own words, for operators
  record NotDialled(LocalProblem problem, String detail) implements AttemptFailure {
    @Override
    public Phase phase() {
      return Phase.CONNECT;
    }
  }

  /// The TLS handshake failed.
  ///
  /// @param alert the alert's number (RFC 8446 section 6) where one was received, else -1
  /// @param chain the server's certificates, leaf first, each in DER; empty where none was seen
  /// @param detail the TLS library's own words, for operators
  record TlsRejected(TlsProblem problem, int alert, List<byte[]> chain, String detail)
      implements AttemptFailure {
    public TlsRejected {
      chain = List.copyOf(chain);
    }

    @Override
    public Phase phase() {
      return Phase.TLS_HANDSHAKE;
    }
  }

  /// Time ran out.
  ///
  /// @param limit the setting that ran out
  record TimedOut(Phase phase, Duration limit) implements AttemptFailure {}

  /// The server ended the connection before it had answered whole.
  record ConnectionLost(Phase phase, Closing closing) implements AttemptFailure {}

  /// The server's bytes break the rules, or were cut short.
  ///
  /// @param detail what breaks which rule, for operators
  /// @param offset where in [FailedAttempt#firstBytes] the offending byte lies, or -1
  /// @param size the size of the header section, field or body that is too large, bytes; -1 where
  ///   it is not about a size
  record MalformedResponse(
      Phase phase, ResponseProblem problem, String detail, int offset, long size)
      implements AttemptFailure {}

  /// An HTTP/2 stream or connection ended with an error, or before it took the request.
  ///
  /// @param code the error code (RFC 9113 section 7)
  /// @param processed whether the server may have acted on the request (false: REFUSED_STREAM, or
  ///   above GOAWAY's last stream)
  /// @param detail which rule the server broke, so that the gateway ended it, for operators; empty
  ///   where the server ended it
  record StreamFailed(Phase phase, long code, boolean processed, String detail)
      implements AttemptFailure {}

  /// The server answered validly, with a status that says that it could not serve (its own 502,
  /// 503, 504, or a block page); passed through.
  ///
  /// @param status the status code
  /// @param retryAfterSeconds what its Retry-After said, seconds, or -1
  /// @param proxyStatus its Proxy-Status field (RFC 9209), or empty
  /// @param blockMark the mark by which it is a page in place of the site's ([BlockPage]), or empty
  record UpstreamStatus(int status, long retryAfterSeconds, String proxyStatus, String blockMark)
      implements AttemptFailure {
    public UpstreamStatus(int status, long retryAfterSeconds, String proxyStatus) {
      this(status, retryAfterSeconds, proxyStatus, "");
    }

    @Override
    public Phase phase() {
      return Phase.READ_RESPONSE;
    }
  }

  /// What the failed attempt saw, as the contract names it.
  default Symptom symptom() {
    return switch (this) {
      case NameNotResolved _ -> Symptom.RESOLVE_FAILED;
      case ConnectRefused _ -> Symptom.CONNECT_REFUSED;
      case Unreachable _ -> Symptom.CONNECT_UNREACHABLE;
      case NotDialled _ -> Symptom.CONNECT_FAILED;
      case TlsRejected _ -> Symptom.TLS_FAILED;
      case TimedOut(Phase phase, _) ->
          switch (phase) {
            case RESOLVE -> Symptom.RESOLVE_FAILED;
            case CONNECT -> Symptom.CONNECT_TIMEOUT;
            case TLS_HANDSHAKE -> Symptom.TLS_TIMEOUT;
            case SEND_REQUEST -> Symptom.SEND_FAILED;
            case AWAIT_RESPONSE, READ_RESPONSE -> Symptom.RESPONSE_TIMEOUT;
          };
      case ConnectionLost(Phase phase, Closing closing) ->
          switch (phase) {
            case READ_RESPONSE -> Symptom.TRUNCATED;
            case TLS_HANDSHAKE -> Symptom.TLS_FAILED;
            default -> closing == Closing.RESET ? Symptom.RESET : Symptom.CLOSED;
          };
      case MalformedResponse m ->
          m.problem() == ResponseProblem.CUT_SHORT ? Symptom.TRUNCATED : Symptom.MALFORMED;
      case StreamFailed _ -> Symptom.PROTOCOL_ERROR;
      case UpstreamStatus _ -> Symptom.UPSTREAM_STATUS;
    };
  }
}
