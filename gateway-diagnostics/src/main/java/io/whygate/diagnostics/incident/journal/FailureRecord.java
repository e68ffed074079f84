package io.whygate.diagnostics.incident.journal;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectRefused;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectionLost;
import io.whygate.diagnostics.facts.AttemptFailure.MalformedResponse;
import io.whygate.diagnostics.facts.AttemptFailure.NameNotResolved;
import io.whygate.diagnostics.facts.AttemptFailure.NotDialled;
import io.whygate.diagnostics.facts.AttemptFailure.StreamFailed;
import io.whygate.diagnostics.facts.AttemptFailure.TimedOut;
import io.whygate.diagnostics.facts.AttemptFailure.TlsRejected;
import io.whygate.diagnostics.facts.AttemptFailure.Unreachable;
import io.whygate.diagnostics.facts.AttemptFailure.UpstreamStatus;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.ExchangeFailure;
import io.whygate.diagnostics.facts.ExchangeFailure.AttemptsExhausted;
import io.whygate.diagnostics.facts.ExchangeFailure.LimitReached;
import io.whygate.diagnostics.facts.ExchangeFailure.LoopDetected;
import io.whygate.diagnostics.facts.ExchangeFailure.NoEndpoint;
import io.whygate.diagnostics.facts.ExchangeFailure.OwnCertificate;
import io.whygate.diagnostics.facts.LocalProblem;
import io.whygate.diagnostics.facts.NamingProblem;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.ResponseProblem;
import io.whygate.diagnostics.facts.TlsProblem;
import io.whygate.diagnostics.facts.Unreachability;
import io.whygate.diagnostics.json.JsonWriter;
import io.whygate.diagnostics.json.Members;
import java.time.Duration;
import java.util.Base64;

/// Why an exchange or an attempt failed, as a JSON object whose member `kind` says which case it
/// is.
final class FailureRecord {
  private FailureRecord() {}

  static void write(JsonWriter json, ExchangeFailure failure) {
    json.object();
    switch (failure) {
      case AttemptsExhausted _ -> json.member("kind", "attempts-exhausted");
      case NoEndpoint(NoEndpoint.Reason why) ->
          json.member("kind", "no-endpoint").member("why", why.name());
      case LimitReached(LimitReached.Limit limit) ->
          json.member("kind", "limit-reached").member("limit", limit.name());
      case LoopDetected _ -> json.member("kind", "loop-detected");
      case OwnCertificate _ -> json.member("kind", "own-certificate");
    }
    json.end();
  }

  static ExchangeFailure exchangeFailure(Members from) {
    return switch (from.text("kind")) {
      case "attempts-exhausted" -> new AttemptsExhausted();
      case "no-endpoint" -> new NoEndpoint(from.constant("why", NoEndpoint.Reason.class));
      case "limit-reached" -> new LimitReached(from.constant("limit", LimitReached.Limit.class));
      case "loop-detected" -> new LoopDetected();
      case "own-certificate" -> new OwnCertificate();
      default -> throw unknown(from);
    };
  }

  static void write(JsonWriter json, AttemptFailure failure) {
    json.object();
    switch (failure) {
      case NameNotResolved f ->
          json.member("kind", "name-not-resolved")
              .member("name", f.name())
              .member("problem", f.problem().name())
              .member("rcode", f.rcode())
              .member("info_code", f.infoCode());
      case ConnectRefused _ -> json.member("kind", "connect-refused");
      case Unreachable(Unreachability kind) ->
          json.member("kind", "unreachable").member("what", kind.name());
      case NotDialled f ->
          json.member("kind", "not-dialled")
              .member("problem", f.problem().name())
              .member("detail", f.detail());
      case TlsRejected f -> {
        json.member("kind", "tls-rejected")
            .member("problem", f.problem().name())
            .member("alert", f.alert())
            .member("detail", f.detail());
        json.name("chain").array();
        f.chain().forEach(each -> json.value(Base64.getEncoder().encodeToString(each)));
        json.end();
      }
      case TimedOut f ->
          json.member("kind", "timed-out")
              .member("phase", f.phase().name())
              .member("limit_ms", f.limit().toMillis());
      case ConnectionLost f ->
          json.member("kind", "connection-lost")
              .member("phase", f.phase().name())
              .member("closing", f.closing().name());
      case MalformedResponse f ->
          json.member("kind", "malformed-response")
              .member("phase", f.phase().name())
              .member("problem", f.problem().name())
              .member("size", f.size());
      case StreamFailed f ->
          json.member("kind", "stream-failed")
              .member("phase", f.phase().name())
              .member("code", f.code())
              .member("processed", f.processed())
              .member("detail", f.detail());
      case UpstreamStatus f ->
          json.member("kind", "upstream-status")
              .member("status", f.status())
              .member("retry_after_s", f.retryAfterSeconds())
              .member("proxy_status", f.proxyStatus())
              .member("block_mark", f.blockMark());
    }
    json.end();
  }

  static AttemptFailure attemptFailure(Members from) {
    return switch (from.text("kind")) {
      case "name-not-resolved" ->
          new NameNotResolved(
              from.text("name"),
              from.constant("problem", NamingProblem.class),
              from.text("rcode"),
              (int) from.number("info_code"));
      case "connect-refused" -> new ConnectRefused();
      case "unreachable" -> new Unreachable(from.constant("what", Unreachability.class));
      case "not-dialled" ->
          new NotDialled(from.constant("problem", LocalProblem.class), from.text("detail"));
      case "tls-rejected" ->
          new TlsRejected(
              from.constant("problem", TlsProblem.class),
              (int) from.number("alert"),
              from.texts("chain").stream().map(Base64.getDecoder()::decode).toList(),
              from.text("detail"));
      case "timed-out" -> new TimedOut(phase(from), Duration.ofMillis(from.number("limit_ms")));
      case "connection-lost" ->
          new ConnectionLost(phase(from), from.constant("closing", Closing.class));
      case "malformed-response" ->
          new MalformedResponse(
              phase(from),
              from.constant("problem", ResponseProblem.class),
              "",
              -1,
              from.number("size"));
      case "stream-failed" ->
          new StreamFailed(
              phase(from), from.number("code"), from.flag("processed"), from.textOrEmpty("detail"));
      case "upstream-status" ->
          new UpstreamStatus(
              (int) from.number("status"),
              from.number("retry_after_s"),
              from.text("proxy_status"),
              from.textOrEmpty("block_mark"));
      default -> throw unknown(from);
    };
  }

  private static Phase phase(Members from) {
    return from.constant("phase", Phase.class);
  }

  private static IllegalArgumentException unknown(Members from) {
    return new IllegalArgumentException("kind: " + from.text("kind") + " (expected: a known one)");
  }
}
