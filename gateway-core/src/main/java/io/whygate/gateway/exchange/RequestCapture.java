package io.whygate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.RequestShape;
import io.whygate.diagnostics.incident.RecordedRequest;
import io.whygate.diagnostics.incident.RecordedRequest.Field;
import io.whygate.diagnostics.incident.RecordingSettings;
import io.whygate.diagnostics.redaction.Redaction;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.upstream.Upstream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// Writes down the request of a failed exchange as its server was sent it, redacted and bounded.
///
/// Nothing is gathered ahead: the head is written anew. Its content is there only where the
/// settings asked for it.
public final class RequestCapture implements Function<RecordingSettings, RecordedRequest> {
  private final RequestHead request;
  private final Downstream downstream;
  private final Upstream upstream;
  private final FailedExchange failed;
  private final RequestId id;
  private final @Nullable KeptContent content;

  RequestCapture(Exchange exchange, FailedExchange failed, @Nullable KeptContent content) {
    this.request = exchange.forwarded();
    this.downstream = exchange.downstream();
    this.upstream = exchange.upstream();
    this.id = exchange.id();
    this.failed = failed;
    this.content = content;
  }

  /// What tells the request from others.
  ///
  /// @param clients hashes an address
  RequestShape shape(ToLongFunction<String> clients) {
    return RequestShapes.of(request, downstream.forwarded(), clients, failed.request().bodyBytes());
  }

  @Override
  public RecordedRequest apply(RecordingSettings limits) {
    String[] lines = head().split("\r\n", -1);
    int left = limits.bytes() - lines[0].length();
    List<Field> fields = new ArrayList<>(lines.length);
    boolean cut = left < 0;
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      if (colon <= 0) {
        continue;
      }
      left -= lines[i].length();
      if (left < 0) {
        cut = true;
      } else {
        fields.add(Field.of(lines[i].substring(0, colon), lines[i].substring(colon + 1).strip()));
      }
    }
    String target = targetIn(lines[0]);
    return new RecordedRequest(
        request.method(),
        Redaction.target(target.substring(0, Math.min(target.length(), limits.bytes()))),
        fields,
        bodyBytes(),
        content != null && content.isWhole()
            ? Optional.of(content.text(contentType(fields)))
            : Optional.empty(),
        cut);
  }

  /// What was announced: the failure may have come before the content.
  private long bodyBytes() {
    return switch (request.framing()) {
      case NONE -> 0;
      case LENGTH -> request.contentLength();
      case CHUNKED, UNTIL_CLOSE -> -1;
    };
  }

  private String head() {
    Optional<Endpoint> endpoint =
        failed
            .subject()
            .map(FailedAttempt::endpoint)
            .or(() -> upstream.endpoints().stream().map(each -> each.endpoint()).findFirst());
    if (endpoint.isEmpty()) {
      return request.method() + " " + request.target() + " HTTP/1.1";
    }
    ByteBuf out = Unpooled.buffer(1024);
    try {
      new UpstreamRequest(
              request,
              endpoint.get(),
              upstream.settings().hostHeader(),
              downstream.forwarded(),
              id,
              null)
          .writeHttp1(out);
      return out.toString(StandardCharsets.ISO_8859_1);
    } finally {
      out.release();
    }
  }

  private static String targetIn(String line) {
    int first = line.indexOf(' ');
    int last = line.lastIndexOf(' ');
    return first >= 0 && last > first ? line.substring(first + 1, last) : "/";
  }

  private static String contentType(List<Field> fields) {
    for (Field field : fields) {
      if (field.name().equalsIgnoreCase("content-type")) {
        return field.value();
      }
    }
    return "";
  }
}
