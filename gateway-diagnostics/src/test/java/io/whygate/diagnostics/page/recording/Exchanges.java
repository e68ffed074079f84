package io.whygate.diagnostics.page.recording;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.ConnectionUse;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.ExchangeFailure;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.facts.ResponseProblem;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.facts.UpstreamFacts.Contact;
import io.whygate.diagnostics.facts.WireFacts;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.incident.RecordedRequest;
import io.whygate.diagnostics.incident.RecordedRequest.Field;
import io.whygate.diagnostics.incident.Recording;
import io.whygate.diagnostics.redaction.Redaction;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.diagnostics.verdict.Verdict;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Recorded exchanges for tests.
final class Exchanges {
  static final Instant AT = Instant.parse("2026-11-23T14:03:07.123Z");
  static final Endpoint SHOP = new Endpoint(Endpoint.Scheme.HTTPS, "shop.internal", 3443);

  private Exchanges() {}

  static RecordedRequest request(String method, String target, String... fields) {
    List<Field> all =
        Arrays.stream(fields)
            .map(line -> line.split(": ?", 2))
            .map(pair -> Field.of(pair[0], pair[1]))
            .toList();
    return new RecordedRequest(method, Redaction.target(target), all, 0, Optional.empty(), false);
  }

  static FailedAttempt attempt(AttemptFailure failure, Timeline timeline, String first) {
    return attempt(SHOP, failure, timeline, first);
  }

  static FailedAttempt attempt(
      Endpoint endpoint, AttemptFailure failure, Timeline timeline, String first) {
    try {
      return new FailedAttempt(
          endpoint,
          endpoint.isUnix() ? Optional.empty() : Optional.of(InetAddress.getByName("10.0.0.7")),
          failure,
          timeline,
          ConnectionUse.FRESH,
          412,
          first.length(),
          first,
          Optional.empty(),
          new WireFacts(
              List.of(),
              "TLSv1.3",
              "TLS_AES_128_GCM_SHA256",
              WireFacts.HTTP1,
              new WireFacts.Spot(9, "HTTP/1.1 abc", 9)));
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  static FailedAttempt reset() {
    return attempt(
        new AttemptFailure.ConnectionLost(Phase.AWAIT_RESPONSE, Closing.RESET),
        new Timeline(400, 1300, 6500, 6620, Timeline.NEVER, 220_500),
        "");
  }

  static FailedAttempt malformed(String first) {
    return attempt(
        new AttemptFailure.MalformedResponse(
            Phase.READ_RESPONSE, ResponseProblem.BAD_CHUNK, "a chunk without a size", -1, -1),
        new Timeline(400, 1300, 6500, 6620, 9000, 12_345),
        first);
  }

  static Recording recording(RecordedRequest request, FailedAttempt... attempts) {
    return new Recording(
        request,
        new FailedExchange(
            "shop",
            new RequestFacts(request.method(), "/cart", "shop.example", "https", 0),
            attempts.length == 0
                ? new ExchangeFailure.NoEndpoint(ExchangeFailure.NoEndpoint.Reason.ALL_DRAINED)
                : new ExchangeFailure.AttemptsExhausted(),
            List.of(attempts),
            RequestProcessed.UNKNOWN,
            AT,
            240_000));
  }

  static Incident incident(FailedExchange exchange) {
    Diagnosis diagnosis =
        new Diagnosis(
            exchange,
            new Verdict(Cause.APPLICATION_CLOSED_BEFORE_RESPONSE, 0.9, "It closes.", Map.of()),
            List.of(),
            List.of(),
            List.of(),
            Optional.empty(),
            OptionalLong.empty(),
            true,
            AT,
            40_000);
    return new Incident(
        "k3x9p2m7q4wz",
        "shop",
        Incident.State.OPEN,
        AT,
        AT,
        Optional.empty(),
        2,
        2,
        diagnosis,
        Contact.NONE);
  }
}
