package io.whygate.gateway.replay;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// A request to be sent once more.
///
/// @param target in origin form, or `*`
/// @param body one character (U+0000 to U+00FF) a byte
public record ReplayRequest(String method, String target, List<Field> fields, String body) {
  private static final Set<String> OWN =
      Set.of("connection", "keep-alive", "content-length", "transfer-encoding", "expect");

  public ReplayRequest {
    fields = List.copyOf(fields);
  }

  /// A field.
  public record Field(String name, String value) {}

  /// Whether the method is one that changes nothing at the server (RFC 9110 section 9.2.1).
  public static boolean isSafe(String method) {
    return switch (method) {
      case "GET", "HEAD", "OPTIONS", "TRACE" -> true;
      default -> false;
    };
  }

  /// The head as it is written: the fields as they were, the framing anew, and the connection ended
  /// after the answer.
  byte[] head() {
    StringBuilder head = new StringBuilder(512);
    head.append(method).append(' ').append(target).append(" HTTP/1.1\r\n");
    boolean framed = false;
    for (Field field : fields) {
      String name = field.name().toLowerCase(Locale.ROOT);
      framed |= name.equals("content-length") || name.equals("transfer-encoding");
      if (!OWN.contains(name)) {
        head.append(field.name()).append(": ").append(field.value()).append("\r\n");
      }
    }
    if (framed || !body.isEmpty()) {
      head.append("Content-Length: ").append(body.length()).append("\r\n");
    }
    return head.append("Connection: close\r\n\r\n")
        .toString()
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  byte[] whole() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(head());
    out.writeBytes(body.getBytes(StandardCharsets.ISO_8859_1));
    return out.toByteArray();
  }
}
