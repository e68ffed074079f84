package io.whygate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.whygate.gateway.config.GrpcWebSettings;
import io.whygate.gateway.grpcweb.GrpcWebCall;
import io.whygate.gateway.grpcweb.TrailerMessage;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.reply.LocalReply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Carries one call of a gRPC-Web client to a gRPC server. Confined to its event loop.
final class GrpcWebBridge {
  private static final String STATUS = "grpc-";

  private final GrpcWebSettings settings;
  private final RequestHead client;
  private final GrpcWebCall call;

  private GrpcWebBridge(GrpcWebSettings settings, RequestHead client, GrpcWebCall call) {
    this.settings = settings;
    this.client = client;
    this.call = call;
  }

  /// What carries a request; null where it is no call.
  static @Nullable GrpcWebBridge of(GrpcWebSettings settings, RequestHead client) {
    GrpcWebCall call = GrpcWebCall.of(client);
    return call == null ? null : new GrpcWebBridge(settings, client, call);
  }

  GrpcWebCall call() {
    return call;
  }

  /// The answer to content that breaks the rules.
  LocalReply refusal() {
    return LocalReply.text(400, call.problem(), false);
  }

  /// Whole field lines that an answer has beyond its own.
  String lines(ResponseHead head) {
    StringBuilder lines = new StringBuilder();
    for (LocalReply.Field each : CrossOrigin.of(settings, client, head.fields())) {
      lines.append(each.name()).append(": ").append(each.value()).append("\r\n");
    }
    return lines.toString();
  }

  /// An answer of the gateway's own as the client reads it: how the call ended is told in the
  /// message of its trailers.
  LocalReply reply(LocalReply own) {
    ByteBuf content = call.alone(trailers(own));
    byte[] body = ByteBufUtil.getBytes(content);
    content.release();
    List<LocalReply.Field> fields = new ArrayList<>(own.fields().size() + 4);
    for (LocalReply.Field each : own.fields()) {
      String name = each.name().toLowerCase(Locale.ROOT);
      if (!name.startsWith(STATUS)
          && !name.equals("content-type")
          && !name.equals("content-length")) {
        fields.add(each);
      }
    }
    fields.add(new LocalReply.Field("Content-Type", call.ownType()));
    fields.add(new LocalReply.Field("Content-Length", Integer.toString(body.length)));
    List<String> names = fields.stream().map(LocalReply.Field::name).toList();
    fields.addAll(CrossOrigin.of(settings, client, names));
    return new LocalReply(200, fields, body, own.close());
  }

  /// How a call ends by an answer of the gateway's own, as a message of trailers; the caller's.
  static ByteBuf trailers(LocalReply own) {
    TrailerMessage message = new TrailerMessage();
    boolean isTold = false;
    for (LocalReply.Field each : own.fields()) {
      if (each.name().startsWith(STATUS)) {
        message.add(each.name(), each.value());
        isTold = true;
      }
    }
    if (!isTold) {
      String text = new String(own.body(), StandardCharsets.UTF_8).strip();
      message.add("grpc-status", Integer.toString(code(own.status())));
      message.add("grpc-message", encoded(text));
    }
    return message.end();
  }

  /// The code of gRPC that says what a status says.
  private static int code(int status) {
    return switch (status) {
      case 400 -> 3; // INVALID_ARGUMENT
      case 401 -> 16; // UNAUTHENTICATED
      case 403 -> 7; // PERMISSION_DENIED
      case 404, 501 -> 12; // UNIMPLEMENTED
      case 408, 504 -> 4; // DEADLINE_EXCEEDED
      case 413 -> 8; // RESOURCE_EXHAUSTED
      case 500 -> 13; // INTERNAL
      case 429, 502, 503 -> 14; // UNAVAILABLE
      default -> 2; // UNKNOWN
    };
  }

  /// Percent-encoded, as `grpc-message` is (gRPC over HTTP/2, "Responses").
  private static String encoded(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      if (b >= ' ' && b <= '~' && b != '%') {
        out.append((char) b);
      } else {
        out.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
      }
    }
    return out.toString();
  }
}
