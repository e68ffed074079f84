package io.whygate.diagnostics.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

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
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.ConnectionUse;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.ExchangeFailure;
import io.whygate.diagnostics.facts.ExchangeFailure.LimitReached;
import io.whygate.diagnostics.facts.ExchangeFailure.LoopDetected;
import io.whygate.diagnostics.facts.ExchangeFailure.NoEndpoint;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.LocalProblem;
import io.whygate.diagnostics.facts.NamingProblem;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.facts.ResponseProblem;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.facts.TlsProblem;
import io.whygate.diagnostics.facts.Unreachability;
import io.whygate.diagnostics.page.Reader.Audience;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ProxyStatusTest {
  /// A list of tokens or strings with parameters (RFC 8941 section 3.1), as Proxy-Status is one.
  private static final Pattern STRUCTURED;

  static {
    String string = "\"(?:[ !#-\\[\\]-~]|\\\\[\"\\\\])*\"";
    String token = "[A-Za-z*][-!#$%&'*+.^_`|~0-9A-Za-z:/]*";
    String integer = "-?[0-9]{1,15}";
    String bare = "(?:" + string + "|" + token + "|" + integer + "|\\?[01])";
    String parameter = ";[ ]*[a-z*][-a-z0-9_.*]*(?:=" + bare + ")?";
    String member = "(?:" + string + "|" + token + ")(?:" + parameter + ")*";
    STRUCTURED = Pattern.compile(member + "(?:[ \t]*,[ \t]*" + member + ")*");
  }

  private final Pages pages = new Pages("whygate", Branding.NONE);

  static Stream<Arguments> attempts() {
    Duration limit = Duration.ofSeconds(5);
    return Stream.of(
        arguments(
            new NameNotResolved("x.internal", NamingProblem.NAME_NOT_FOUND, "NXDOMAIN", -1),
            502,
            "error=dns_error;rcode=\"NXDOMAIN\""),
        arguments(
            new NameNotResolved("x.internal", NamingProblem.SERVER_FAILURE, "SERVFAIL", 6),
            502,
            "error=dns_error;rcode=\"SERVFAIL\";info-code=6"),
        arguments(
            new NameNotResolved("x.internal", NamingProblem.NO_ADDRESS, "NOERROR", -1),
            502,
            "error=dns_error;rcode=\"NOERROR\""),
        arguments(
            new NameNotResolved("x.internal", NamingProblem.TIMEOUT, "", -1),
            504,
            "error=dns_timeout"),
        arguments(new ConnectRefused(), 502, "error=connection_refused"),
        arguments(new Unreachable(Unreachability.HOST), 502, "error=destination_ip_unroutable"),
        arguments(
            new NotDialled(LocalProblem.PORTS_EXHAUSTED, ""),
            503,
            "error=connection_limit_reached"),
        arguments(
            new NotDialled(LocalProblem.DESCRIPTORS_EXHAUSTED, ""),
            503,
            "error=proxy_internal_error"),
        arguments(
            new NotDialled(LocalProblem.PERMISSION_DENIED, ""),
            502,
            "error=destination_ip_prohibited"),
        arguments(
            new TlsRejected(TlsProblem.CERTIFICATE_REJECTED, -1, List.of(), ""),
            502,
            "error=tls_certificate_error"),
        arguments(
            new TlsRejected(TlsProblem.ALERT_RECEIVED, 40, List.of(), ""),
            502,
            "error=tls_alert_received;alert-id=40;alert-message=handshake_failure"),
        arguments(
            new TlsRejected(TlsProblem.ALERT_RECEIVED, 255, List.of(), ""),
            502,
            "error=tls_alert_received;alert-id=255"),
        arguments(
            new TlsRejected(TlsProblem.NOT_TLS, -1, List.of(), ""),
            502,
            "error=tls_protocol_error"),
        arguments(new TimedOut(Phase.CONNECT, limit), 504, "error=connection_timeout"),
        arguments(new TimedOut(Phase.TLS_HANDSHAKE, limit), 504, "error=connection_timeout"),
        arguments(new TimedOut(Phase.SEND_REQUEST, limit), 504, "error=connection_write_timeout"),
        arguments(new TimedOut(Phase.AWAIT_RESPONSE, limit), 504, "error=http_response_timeout"),
        arguments(new TimedOut(Phase.READ_RESPONSE, limit), 504, "error=connection_read_timeout"),
        arguments(
            new ConnectionLost(Phase.AWAIT_RESPONSE, Closing.FIN),
            502,
            "error=connection_terminated"),
        arguments(
            new ConnectionLost(Phase.READ_RESPONSE, Closing.RESET),
            502,
            "error=http_response_incomplete"),
        arguments(
            malformed(ResponseProblem.HEADER_TOO_LARGE, 70_000),
            502,
            "error=http_response_header_section_size;header-section-size=70000"),
        arguments(
            malformed(ResponseProblem.BAD_CHUNK, -1),
            502,
            "error=http_response_transfer_coding;coding=chunked"),
        arguments(
            malformed(ResponseProblem.AMBIGUOUS_CODING, -1),
            502,
            "error=http_response_transfer_coding"),
        arguments(malformed(ResponseProblem.CUT_SHORT, -1), 502, "error=http_response_incomplete"),
        arguments(
            malformed(ResponseProblem.BAD_TRAILER, 9000),
            502,
            "error=http_response_trailer_section_size;trailer-section-size=9000"),
        arguments(malformed(ResponseProblem.NOT_HTTP, -1), 502, "error=http_protocol_error"),
        arguments(
            new StreamFailed(Phase.AWAIT_RESPONSE, 7, false, ""),
            502,
            "error=connection_terminated"),
        arguments(
            new StreamFailed(Phase.AWAIT_RESPONSE, 2, true, ""), 502, "error=http_protocol_error"));
  }

  static Stream<Arguments> withoutAttempts() {
    return Stream.of(
        arguments(
            new NoEndpoint(NoEndpoint.Reason.ALL_EJECTED), 503, "error=destination_unavailable"),
        arguments(
            new NoEndpoint(NoEndpoint.Reason.MAINTENANCE), 503, "error=destination_unavailable"),
        arguments(
            new NoEndpoint(NoEndpoint.Reason.NONE_CONFIGURED), 503, "error=destination_not_found"),
        arguments(
            new LimitReached(LimitReached.Limit.POOL_QUEUE), 503, "error=connection_limit_reached"),
        arguments(
            new LimitReached(LimitReached.Limit.EXCHANGES), 503, "error=proxy_internal_response"),
        arguments(new LoopDetected(), 502, "error=proxy_loop_detected"));
  }

  @ParameterizedTest
  @MethodSource("attempts")
  void namesTheMostSpecificTypeThatIsTrue(AttemptFailure failure, int status, String parameters) {
    assertSaid(Examples.exchange(failure), status, parameters);
  }

  @ParameterizedTest
  @MethodSource("withoutAttempts")
  void namesWhatKeptItFromTrying(ExchangeFailure failure, int status, String parameters) {
    assertSaid(Examples.exchange("GET", RequestProcessed.NOT_SENT, failure), status, parameters);
  }

  @Test
  void tellsTheStatusThatTheServerSent() {
    FailedAttempt plain = Examples.attempt(malformed(ResponseProblem.TLS_WANTED, -1));
    FailedAttempt attempt =
        new FailedAttempt(
            plain.endpoint(),
            plain.address(),
            plain.failure(),
            plain.timeline(),
            plain.use(),
            80,
            120,
            "HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n",
            Optional.empty());
    FailedExchange exchange =
        Examples.exchange(
            "GET", RequestProcessed.RECEIVED, new ExchangeFailure.AttemptsExhausted(), attempt);
    assertSaid(exchange, 502, "error=http_protocol_error;received-status=400");
  }

  @Test
  void aUnixSocketThatMayNotBeOpenedRefuses() {
    FailedAttempt attempt =
        new FailedAttempt(
            new Endpoint(Endpoint.Scheme.UNIX, "/run/app.sock", 0),
            Optional.empty(),
            new NotDialled(LocalProblem.PERMISSION_DENIED, "EACCES"),
            new Timeline(0, -1, -1, -1, -1, 90),
            ConnectionUse.FRESH,
            0,
            0,
            "",
            Optional.empty());
    assertSaid(
        Examples.exchange(
            "GET", RequestProcessed.NOT_SENT, new ExchangeFailure.AttemptsExhausted(), attempt),
        502,
        "error=connection_refused");
  }

  @Test
  void aFrontThatReplacesPagesGetsA503() {
    ProxyStatus timeout =
        ProxyStatus.of(
            Examples.exchange(new TimedOut(Phase.AWAIT_RESPONSE, Duration.ofSeconds(1))));
    assertThat(List.of(timeout.status(false), timeout.status(true))).containsExactly(504, 503);
  }

  @Test
  void aNameThatIsNoTokenBecomesAString() {
    ProxyStatus refused = ProxyStatus.of(Examples.exchange(new ConnectRefused()));
    assertThat(refused.member("Acme \"edge\" é", ""))
        .isEqualTo("\"Acme \\\"edge\\\" ?\";error=connection_refused")
        .matches(STRUCTURED);
  }

  @Test
  void everyRegisteredTypeIsThere() {
    List<String> codes = new ArrayList<>();
    for (ProxyErrorType type : ProxyErrorType.values()) {
      codes.add(type.code());
      assertThat(type.status()).isIn(400, 403, 502, 503, 504);
    }
    assertThat(codes).hasSize(32).doesNotHaveDuplicates().contains("http_upgrade_failed");
  }

  private void assertSaid(FailedExchange exchange, int status, String parameters) {
    assertThat(pages.proxyStatus(exchange, Audience.VISITOR))
        .isEqualTo("whygate;" + parameters)
        .matches(STRUCTURED);
    assertThat(pages.proxyStatus(exchange, Audience.OPERATOR)).matches(STRUCTURED);
    assertThat(ProxyStatus.of(exchange).status(false)).isEqualTo(status);
  }

  private static MalformedResponse malformed(ResponseProblem problem, long size) {
    return new MalformedResponse(Phase.READ_RESPONSE, problem, "…\n\"quoted\"", 3, size);
  }
}
