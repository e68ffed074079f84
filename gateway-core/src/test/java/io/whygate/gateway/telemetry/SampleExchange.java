package io.whygate.gateway.telemetry;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.ConnectionUse;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.gateway.exchange.AttemptRecord;
import io.whygate.gateway.exchange.FinishedExchange;
import io.whygate.gateway.trace.Trace;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An exchange as tests want it.
public record SampleExchange(
    String listener,
    String route,
    String upstream,
    String protocol,
    boolean secure,
    SocketAddress client,
    String method,
    String target,
    String host,
    String userAgent,
    String referer,
    long startedMillis,
    long durationNanos,
    int status,
    long requestBytes,
    long responseBytes,
    Outcome outcome,
    List<AttemptRecord> attempts,
    Optional<Incident> incident,
    @Nullable Trace trace)
    implements FinishedExchange {

  @Override
  public String requestId() {
    return "4f0c1a9b7d2e";
  }

  @Override
  public String traceState() {
    return "";
  }

  @Override
  public List<Examined> examinations() {
    return List.of();
  }

  @Override
  public long startedNanos() {
    return 0;
  }

  /// Answered with this status at the first try, after 12.345 ms.
  public static SampleExchange answered(int status) {
    return new SampleExchange(
        "0.0.0.0:8080",
        "shop",
        "shop",
        "HTTP/1.1",
        false,
        new InetSocketAddress(address("192.0.2.7"), 40000),
        "GET",
        "/cart?item=1",
        "shop.example",
        "test/1.0",
        "",
        1_700_000_000_123L,
        12_345_678L,
        status,
        0,
        512,
        Outcome.COMPLETED,
        List.of(attempt(status, Optional.empty())),
        Optional.empty(),
        null);
  }

  public static AttemptRecord attempt(int status, Optional<AttemptFailure> failure) {
    return new AttemptRecord(
        new Endpoint(Endpoint.Scheme.HTTP, "shop.internal", 3000),
        Optional.of(address("10.0.0.5")),
        0,
        0,
        new Timeline(10, 1200, 1200, 1300, failure.isPresent() ? Timeline.NEVER : 9000, 12000),
        ConnectionUse.FRESH,
        "http/1.1",
        status,
        210,
        812,
        failure);
  }

  static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new AssertionError(literal, e);
    }
  }

  public SampleExchange withTarget(String newTarget) {
    return new SampleExchange(
        listener,
        route,
        upstream,
        protocol,
        secure,
        client,
        method,
        newTarget,
        host,
        userAgent,
        referer,
        startedMillis,
        durationNanos,
        status,
        requestBytes,
        responseBytes,
        outcome,
        attempts,
        incident,
        trace);
  }

  public SampleExchange withUserAgent(String newUserAgent) {
    return new SampleExchange(
        listener,
        route,
        upstream,
        protocol,
        secure,
        client,
        method,
        target,
        host,
        newUserAgent,
        referer,
        startedMillis,
        durationNanos,
        status,
        requestBytes,
        responseBytes,
        outcome,
        attempts,
        incident,
        trace);
  }

  public SampleExchange withRoute(String newRoute) {
    return new SampleExchange(
        listener,
        newRoute,
        upstream,
        protocol,
        secure,
        client,
        method,
        target,
        host,
        userAgent,
        referer,
        startedMillis,
        durationNanos,
        status,
        requestBytes,
        responseBytes,
        outcome,
        attempts,
        incident,
        trace);
  }

  public SampleExchange withEnd(Outcome newOutcome, List<AttemptRecord> newAttempts) {
    return new SampleExchange(
        listener,
        route,
        upstream,
        protocol,
        secure,
        client,
        method,
        target,
        host,
        userAgent,
        referer,
        startedMillis,
        durationNanos,
        status,
        requestBytes,
        responseBytes,
        newOutcome,
        newAttempts,
        incident,
        trace);
  }

  public SampleExchange withIncident(Incident newIncident) {
    return new SampleExchange(
        listener,
        route,
        upstream,
        protocol,
        secure,
        client,
        method,
        target,
        host,
        userAgent,
        referer,
        startedMillis,
        durationNanos,
        status,
        requestBytes,
        responseBytes,
        outcome,
        attempts,
        Optional.of(newIncident),
        trace);
  }

  public SampleExchange withDuration(long nanos) {
    return new SampleExchange(
        listener,
        route,
        upstream,
        protocol,
        secure,
        client,
        method,
        target,
        host,
        userAgent,
        referer,
        startedMillis,
        nanos,
        status,
        requestBytes,
        responseBytes,
        outcome,
        attempts,
        incident,
        trace);
  }

  public SampleExchange withTrace(Trace newTrace) {
    return new SampleExchange(
        listener,
        route,
        upstream,
        protocol,
        secure,
        client,
        method,
        target,
        host,
        userAgent,
        referer,
        startedMillis,
        durationNanos,
        status,
        requestBytes,
        responseBytes,
        outcome,
        attempts,
        incident,
        newTrace);
  }

  public SampleExchange startedAt(long millis) {
    return new SampleExchange(
        listener,
        route,
        upstream,
        protocol,
        secure,
        client,
        method,
        target,
        host,
        userAgent,
        referer,
        millis,
        durationNanos,
        status,
        requestBytes,
        responseBytes,
        outcome,
        attempts,
        incident,
        trace);
  }
}
