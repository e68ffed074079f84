package io.whygate.gateway.telemetry.otlp;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.whygate.gateway.RunningGateway;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/// A collector of OTLP over HTTP that reads what comes by OpenTelemetry's own definitions.
final class CollectorServer implements AutoCloseable {
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);

  private final HttpServer server;
  private final List<ExportTraceServiceRequest> messages = new CopyOnWriteArrayList<>();
  private final List<Map<String, List<String>>> heads = new CopyOnWriteArrayList<>();
  private final Queue<Reply> replies = new ConcurrentLinkedQueue<>();

  /// What it answers instead of taking all.
  ///
  /// @param retryAfter seconds; empty for none
  record Reply(int status, String retryAfter, ExportTraceServiceResponse body) {
    static Reply of(int status, String retryAfter) {
      return new Reply(status, retryAfter, ExportTraceServiceResponse.getDefaultInstance());
    }
  }

  CollectorServer() throws IOException {
    this(HttpServer.create(ANY_PORT, 0));
  }

  /// One that speaks TLS to those alone who show a certificate that it trusts.
  static CollectorServer secured(SSLContext context) throws IOException {
    HttpsServer server = HttpsServer.create(ANY_PORT, 0);
    server.setHttpsConfigurator(
        new HttpsConfigurator(context) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters wanted = context.getDefaultSSLParameters();
            wanted.setNeedClientAuth(true);
            parameters.setSSLParameters(wanted);
          }
        });
    return new CollectorServer(server);
  }

  private CollectorServer(HttpServer server) {
    this.server = server;
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/v1/traces", this::take);
    server.start();
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      heads.add(Map.copyOf(exchange.getRequestHeaders()));
      boolean gzip = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
      try (InputStream body = exchange.getRequestBody();
          InputStream plain = gzip ? new GZIPInputStream(body) : body) {
        messages.add(ExportTraceServiceRequest.parseFrom(plain));
      }
      Reply reply = replies.poll();
      Reply given = reply == null ? Reply.of(200, "") : reply;
      if (!given.retryAfter().isEmpty()) {
        exchange.getResponseHeaders().add("Retry-After", given.retryAfter());
      }
      byte[] body = given.body().toByteArray();
      exchange.sendResponseHeaders(given.status(), body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  String url() {
    String begin = server instanceof HttpsServer ? "https://localhost:" : "http://127.0.0.1:";
    return begin + server.getAddress().getPort() + "/v1/traces";
  }

  /// Answers the next message in this way.
  void answer(Reply reply) {
    replies.add(reply);
  }

  List<ExportTraceServiceRequest> messages() {
    return messages;
  }

  List<Map<String, List<String>>> heads() {
    return heads;
  }

  /// All spans that came, once there are so many.
  List<Span> spans(int count) {
    RunningGateway.await(() -> spans().size() >= count);
    return spans();
  }

  List<Span> spans() {
    return messages.stream()
        .flatMap(each -> each.getResourceSpansList().stream())
        .flatMap(each -> each.getScopeSpansList().stream())
        .flatMap(each -> each.getSpansList().stream())
        .toList();
  }

  static String hex(ByteString id) {
    return HexFormat.of().formatHex(id.toByteArray());
  }

  /// Attributes by name; numbers and flags as texts.
  static Map<String, String> attributes(List<KeyValue> pairs) {
    return pairs.stream()
        .collect(Collectors.toMap(KeyValue::getKey, each -> text(each.getValue())));
  }

  private static String text(AnyValue value) {
    return switch (value.getValueCase()) {
      case STRING_VALUE -> value.getStringValue();
      case INT_VALUE -> Long.toString(value.getIntValue());
      case BOOL_VALUE -> Boolean.toString(value.getBoolValue());
      case DOUBLE_VALUE -> Double.toString(value.getDoubleValue());
      default -> throw new AssertionError(value.getValueCase());
    };
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
