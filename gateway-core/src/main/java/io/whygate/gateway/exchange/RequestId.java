package io.whygate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.whygate.gateway.config.UpstreamSettings;
import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.trace.Hex;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/// The id by which the logs of servers name a request (X-Request-Id): the client's own where it
/// sent one that is well formed, else, where the upstream wants it, one that is made here.
///
/// The same for all tries of an exchange.
final class RequestId {
  /// What the client sent is passed on, or there is none.
  private static final RequestId CLIENTS = new RequestId(new byte[0]);

  private static final byte[] NAME = "X-Request-Id: ".getBytes(StandardCharsets.US_ASCII);
  private static final int MADE = 32;
  private static final int LONGEST = 128;

  /// Fields beside X-Request-Id whose value is written into logs.
  private static final List<String> OTHERS = List.of("x-correlation-id", "cf-ray");

  private final byte[] line;

  private RequestId(byte[] line) {
    this.line = line;
  }

  static RequestId of(RequestHead request, UpstreamSettings.RequestId wanted) {
    boolean made = wanted == UpstreamSettings.RequestId.CREATE && !isWellFormed(request);
    return made ? new RequestId(newLine()) : CLIENTS;
  }

  /// One field of visible characters: what is more, or else, could make a line of a log lie.
  private static boolean isWellFormed(RequestHead request) {
    FieldSection fields = request.fields();
    int field = fields.find(FieldName.X_REQUEST_ID, 0);
    boolean isOne = field >= 0 && fields.find(FieldName.X_REQUEST_ID, field + 1) < 0;
    if (!isOne || (request.hasNominations() && request.isNominated(field))) {
      return false;
    }
    int start = fields.valueStart(field);
    int end = fields.valueEnd(field);
    byte[] bytes = fields.bytes();
    for (int i = start; i < end; i++) {
      if (bytes[i] <= ' ' || bytes[i] == '"' || bytes[i] == '\\' || bytes[i] > '~') {
        return false;
      }
    }
    return end > start && end - start <= LONGEST;
  }

  private static byte[] newLine() {
    byte[] line = new byte[NAME.length + MADE + 2];
    System.arraycopy(NAME, 0, line, 0, NAME.length);
    ThreadLocalRandom random = ThreadLocalRandom.current();
    int at = Hex.write(random.nextLong(), line, NAME.length);
    at = Hex.write(random.nextLong(), line, at);
    line[at] = '\r';
    line[at + 1] = '\n';
    return line;
  }

  /// Whether what the client sent is passed on.
  boolean isClients() {
    return line.length == 0;
  }

  /// Writes the field, where it is not the client's.
  void write(ByteBuf out) {
    out.writeBytes(line);
  }

  /// The id as servers are told it; empty where there is none.
  String value(FieldSection fields) {
    return isClients()
        ? fields.first(FieldName.X_REQUEST_ID)
        : new String(line, NAME.length, MADE, StandardCharsets.US_ASCII);
  }

  /// The id as a header of the PROXY protocol tells it: as [#value], but for what a client sent and
  /// is not well formed.
  String told(RequestHead request) {
    return isClients() && !isWellFormed(request) ? "" : value(request.fields());
  }

  /// All by which a log may name this request.
  ///
  /// @param trace the trace that it belongs to; empty for none
  List<String> all(FieldSection fields, String trace) {
    List<String> ids = new ArrayList<>(2);
    add(value(fields), ids);
    add(trace, ids);
    add(root(fields.joined("x-amzn-trace-id")), ids);
    OTHERS.forEach(each -> add(fields.joined(each), ids));
    return ids;
  }

  private static void add(String id, List<String> to) {
    if (!id.isEmpty() && id.length() <= LONGEST && !to.contains(id)) {
      to.add(id);
    }
  }

  private static String root(String trace) {
    int start = trace.indexOf("Root=");
    int end = trace.indexOf(';', Math.max(0, start));
    return start < 0 ? "" : trace.substring(start + 5, end < 0 ? trace.length() : end);
  }
}
