package io.whygate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.whygate.gateway.http.ContentReader;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.HeadLimits;
import io.whygate.gateway.reply.LocalReply;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a gRPC call ends by an answer of the gateway's own, as the fields of its trailers.
final class GrpcStatus {
  /// What the names of those fields begin with.
  static final String PREFIX = "grpc-";

  private GrpcStatus() {}

  /// The fields that the answer has; for one that was not made for gRPC, what its status and its
  /// text say.
  static List<LocalReply.Field> of(LocalReply own) {
    List<LocalReply.Field> told =
        own.fields().stream().filter(each -> each.name().startsWith(PREFIX)).toList();
    if (!told.isEmpty()) {
      return told;
    }
    String text = new String(own.body(), StandardCharsets.UTF_8).strip();
    return List.of(
        new LocalReply.Field("grpc-status", Integer.toString(code(own.status()))),
        new LocalReply.Field("grpc-message", encoded(text)));
  }

  /// The same as a trailer section.
  static @Nullable FieldSection trailers(LocalReply own) {
    List<LocalReply.Field> fields = of(own);
    StringBuilder lines = new StringBuilder("0\r\n");
    for (LocalReply.Field each : fields) {
      lines.append(each.name()).append(": ").append(each.value()).append("\r\n");
    }
    ByteBuf text =
        Unpooled.wrappedBuffer(lines.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
    int size = text.readableBytes();
    ContentReader reader = new ContentReader(new HeadLimits(size, size, fields.size()));
    reader.begin(Framing.CHUNKED, -1);
    if (reader.read(text, ByteBuf::release) != ContentReader.Progress.DONE) {
      throw new AssertionError("trailers of the gateway's own: " + reader.problem());
    }
    return reader.trailers();
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
