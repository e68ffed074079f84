package io.whygate.gateway.telemetry;

import io.whygate.gateway.config.LogFormat.Field;
import io.whygate.gateway.config.LogFormat.Literal;
import io.whygate.gateway.config.LogFormat.Piece;
import io.whygate.gateway.exchange.FinishedExchange;
import io.whygate.gateway.trace.Trace;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/// Writes finished exchanges by a pattern, as Apache does: what is empty is a dash, and quotes,
/// backslashes and control characters of a client are escaped, so that no line is two.
final class PatternLine implements LineFormat {
  private static final int LIMIT = 4096;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("'['dd/MMM/uuuu:HH:mm:ss Z']'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private final List<Piece> pieces;
  private final StringBuilder line = new StringBuilder(512);
  private long second = Long.MIN_VALUE;
  private String secondText = "";

  PatternLine(List<Piece> pieces) {
    this.pieces = pieces;
  }

  @Override
  public void format(FinishedExchange exchange, LineQueue to) {
    line.setLength(0);
    for (int i = 0; i < pieces.size(); i++) {
      switch (pieces.get(i)) {
        case Literal(var text) -> line.append(text);
        case Field field -> write(field, exchange);
      }
    }
    byte[] bytes = line.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    to.offer(bytes, bytes.length);
  }

  private void write(Field field, FinishedExchange exchange) {
    switch (field) {
      case CLIENT -> client(exchange);
      case USER -> line.append('-');
      case TIME -> time(exchange.startedMillis());
      case TIME_ISO -> line.append(Instant.ofEpochMilli(exchange.startedMillis()));
      case REQUEST_LINE -> {
        escaped(exchange.method());
        line.append(' ');
        escaped(exchange.target());
        line.append(' ').append(exchange.protocol());
      }
      case METHOD -> text(exchange.method());
      case TARGET -> text(exchange.target());
      case PATH -> text(path(exchange.target()));
      case QUERY -> escaped(query(exchange.target()));
      case PROTOCOL -> text(exchange.protocol());
      case SCHEME -> line.append(exchange.scheme());
      case HOST -> text(exchange.host());
      case STATUS -> line.append(Statuses.of(exchange));
      case RESPONSE_BYTES -> line.append(exchange.responseBytes());
      case RESPONSE_BYTES_OR_DASH -> {
        if (exchange.responseBytes() == 0) {
          line.append('-');
        } else {
          line.append(exchange.responseBytes());
        }
      }
      case REQUEST_BYTES -> line.append(exchange.requestBytes());
      case DURATION_MICROS -> line.append(exchange.durationNanos() / 1_000);
      case DURATION_MILLIS -> line.append(exchange.durationNanos() / 1_000_000);
      case DURATION_SECONDS -> line.append(exchange.durationNanos() / 1_000_000_000);
      case USER_AGENT -> text(exchange.userAgent());
      case REFERER -> text(exchange.referer());
      case REQUEST_ID -> text(exchange.requestId());
      case TRACE -> text(trace(exchange));
      case LISTENER -> text(exchange.listener());
      case ROUTE -> text(exchange.route());
      case UPSTREAM -> text(exchange.upstream());
      case ENDPOINT -> text(endpoint(exchange));
      case ATTEMPTS -> line.append(exchange.attempts().size());
      case OUTCOME -> line.append(exchange.outcome().name().toLowerCase(Locale.ROOT));
      case CAUSE -> text(exchange.incident().map(each -> each.cause().code()).orElse(""));
      case INCIDENT -> text(exchange.incident().map(each -> each.id()).orElse(""));
    }
  }

  private static String trace(FinishedExchange exchange) {
    Trace trace = exchange.trace();
    return trace == null ? "" : trace.id();
  }

  private static String path(String target) {
    int mark = target.indexOf('?');
    return mark < 0 ? target : target.substring(0, mark);
  }

  private static String query(String target) {
    int mark = target.indexOf('?');
    return mark < 0 ? "" : target.substring(mark);
  }

  private static String endpoint(FinishedExchange exchange) {
    return exchange.attempts().isEmpty() ? "" : exchange.attempts().getLast().endpoint().url();
  }

  private void client(FinishedExchange exchange) {
    if (exchange.client() instanceof InetSocketAddress inet && inet.getAddress() != null) {
      line.append(inet.getAddress().getHostAddress());
    } else {
      text(exchange.client().toString());
    }
  }

  private void time(long millis) {
    long now = Math.floorDiv(millis, 1000L);
    if (now != second) {
      second = now;
      secondText = TIME.format(Instant.ofEpochSecond(now));
    }
    line.append(secondText);
  }

  private void text(String value) {
    if (value.isEmpty()) {
      line.append('-');
    } else {
      escaped(value);
    }
  }

  private void escaped(String value) {
    int count = Math.min(value.length(), LIMIT);
    for (int i = 0; i < count; i++) {
      char each = value.charAt(i);
      if (each == '"' || each == '\\') {
        line.append('\\').append(each);
      } else if (each < 0x20 || each == 0x7f || (each >= 0x80 && each < 0xa0)) {
        line.append("\\x").append(HEX[each >> 4 & 15]).append(HEX[each & 15]);
      } else {
        line.append(each);
      }
    }
  }
}
