package io.whygate.gateway.telemetry;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.gateway.exchange.AttemptRecord;
import io.whygate.gateway.exchange.FinishedExchange;
import io.whygate.gateway.trace.Trace;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/// Writes finished exchanges as lines of JSON; one for each event loop.
///
/// Only what is listed here is ever written: no field of a request but Host, User-Agent and
/// Referer.
final class AccessLogLine implements LineFormat {
  private static final int TARGET_LIMIT = 4096;
  private static final int FIELD_LIMIT = 512;
  private static final int REMEMBERED = 1024;

  private final JsonBytes json = new JsonBytes();

  /// Endpoints and addresses of servers as they are written; the same objects come again and again.
  private final IdentityHashMap<Object, byte[]> servers = new IdentityHashMap<>();

  private final Map<InetAddress, String> addresses = new HashMap<>();
  private long second = Long.MIN_VALUE;
  private String secondText = "";

  private static String code(FinishedExchange.Outcome outcome) {
    return switch (outcome) {
      case COMPLETED -> "completed";
      case REPLIED -> "replied";
      case TRUNCATED -> "truncated";
      case ABANDONED -> "abandoned";
      case EXPIRED -> "expired";
    };
  }

  @Override
  public void format(FinishedExchange exchange, LineQueue to) {
    json.clear();
    json.raw("{\"time\":\"");
    time(exchange.startedMillis());
    json.raw("\",\"client\":");
    client(exchange.client());
    json.raw(",\"method\":").string(exchange.method(), FIELD_LIMIT);
    json.raw(",\"scheme\":\"").raw(exchange.scheme()).raw('"');
    json.raw(",\"host\":").string(exchange.host(), FIELD_LIMIT);
    json.raw(",\"target\":").string(exchange.target(), TARGET_LIMIT);
    json.raw(",\"protocol\":").string(exchange.protocol(), FIELD_LIMIT);
    json.raw(",\"status\":").number(Statuses.of(exchange));
    json.raw(",\"outcome\":\"").raw(code(exchange.outcome())).raw('"');
    json.raw(",\"duration_ms\":").thousandths(exchange.durationNanos() / 1000);
    json.raw(",\"request_bytes\":").number(exchange.requestBytes());
    json.raw(",\"response_bytes\":").number(exchange.responseBytes());
    optional(",\"user_agent\":", exchange.userAgent());
    optional(",\"referer\":", exchange.referer());
    optional(",\"request_id\":", exchange.requestId());
    optional(",\"front_id\":", exchange.frontId());
    if (exchange.isEarly()) {
      json.raw(",\"early\":true");
    }
    Trace trace = exchange.trace();
    if (trace != null) {
      json.raw(",\"trace_id\":\"").raw(trace.id()).raw('"');
    }
    json.raw(",\"listener\":").string(exchange.listener(), FIELD_LIMIT);
    optional(",\"route\":", exchange.route());
    optional(",\"upstream\":", exchange.upstream());
    Incident incident = exchange.incident().orElse(null);
    if (incident != null) {
      json.raw(",\"cause\":\"").raw(incident.cause().code());
      json.raw("\",\"incident\":").string(incident.id(), FIELD_LIMIT);
    }
    attempts(exchange.attempts());
    json.raw("}\n");
    json.offerTo(to);
  }

  private void optional(String name, String value) {
    if (!value.isEmpty()) {
      json.raw(name).string(value, FIELD_LIMIT);
    }
  }

  private void time(long millis) {
    long now = Math.floorDiv(millis, 1000L);
    if (now != second) {
      second = now;
      String text = LocalDateTime.ofEpochSecond(now, 0, ZoneOffset.UTC).toString();
      secondText = text.length() == 16 ? text + ":00" : text;
    }
    int rest = (int) Math.floorMod(millis, 1000L);
    json.raw(secondText).raw('.').raw((char) ('0' + rest / 100));
    json.raw((char) ('0' + rest / 10 % 10)).raw((char) ('0' + rest % 10)).raw('Z');
  }

  private void client(SocketAddress client) {
    if (client instanceof InetSocketAddress inet && inet.getAddress() != null) {
      address(inet.getAddress());
    } else {
      json.string(client.toString(), FIELD_LIMIT);
    }
  }

  private void address(InetAddress address) {
    byte[] parts = address.getAddress();
    if (parts.length == 4) {
      json.raw('"').number(parts[0] & 0xff).raw('.').number(parts[1] & 0xff);
      json.raw('.').number(parts[2] & 0xff).raw('.').number(parts[3] & 0xff).raw('"');
    } else {
      String text = addresses.get(address);
      if (text == null) {
        if (addresses.size() >= REMEMBERED) {
          addresses.clear();
        }
        text = address.getHostAddress();
        addresses.put(address, text);
      }
      json.string(text, FIELD_LIMIT);
    }
  }

  private void attempts(List<AttemptRecord> attempts) {
    json.raw(",\"attempts\":[");
    for (int i = 0; i < attempts.size(); i++) {
      if (i > 0) {
        json.raw(',');
      }
      attempt(attempts.get(i));
    }
    json.raw(']');
  }

  private void attempt(AttemptRecord attempt) {
    json.raw("{\"endpoint\":");
    server(attempt.endpoint());
    InetAddress address = attempt.address().orElse(null);
    if (address != null) {
      json.raw(",\"address\":");
      server(address);
    }
    if (!attempt.protocol().isEmpty()) {
      json.raw(",\"protocol\":\"").raw(attempt.protocol()).raw('"');
    }
    json.raw(",\"reused\":").raw(attempt.use().isReused() ? "true" : "false");
    json.raw(",\"status\":").number(attempt.status());
    AttemptFailure failure = attempt.failure().orElse(null);
    if (failure != null) {
      json.raw(",\"failure\":\"").raw(failure.symptom().code()).raw('"');
    }
    json.raw(",\"bytes_sent\":").number(attempt.bytesSent());
    json.raw(",\"bytes_received\":").number(attempt.bytesReceived());
    timeline(attempt.timeline());
    json.raw('}');
  }

  private void server(Object endpointOrAddress) {
    byte[] known = servers.get(endpointOrAddress);
    if (known != null) {
      json.raw(known);
      return;
    }
    int start = json.length();
    switch (endpointOrAddress) {
      case Endpoint endpoint -> json.string(endpoint.url(), FIELD_LIMIT);
      case InetAddress address -> address(address);
      default -> throw new AssertionError("neither an endpoint nor an address");
    }
    if (servers.size() >= REMEMBERED) {
      servers.clear();
    }
    servers.put(endpointOrAddress, json.since(start));
  }

  /// When each phase that was reached ended, milliseconds since the attempt began.
  private void timeline(Timeline timeline) {
    json.raw(",\"ended_ms\":").thousandths(Math.max(timeline.ended(), 0));
    moment(",\"resolved_ms\":", timeline.resolved());
    moment(",\"connected_ms\":", timeline.connected());
    moment(",\"secured_ms\":", timeline.secured());
    moment(",\"sent_ms\":", timeline.sent());
    moment(",\"first_byte_ms\":", timeline.firstByte());
  }

  private void moment(String name, long micros) {
    if (micros != Timeline.NEVER) {
      json.raw(name).thousandths(micros);
    }
  }
}
