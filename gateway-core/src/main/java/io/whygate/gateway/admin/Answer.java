package io.whygate.gateway.admin;

import io.whygate.diagnostics.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/// What the admin interface answers.
sealed interface Answer {

  /// An answer that is complete.
  ///
  /// @param headers fields beside Content-Type and Content-Length
  @SuppressWarnings("ArrayRecordComponent") // written once, never compared
  record Document(int status, String contentType, byte[] body, Map<String, String> headers)
      implements Answer {}

  /// An answer that goes on for as long as the client listens: server-sent events.
  ///
  /// @param lasts whether the client may still listen
  record Events(BooleanSupplier lasts) implements Answer {}

  static Document json(int status, String json) {
    return of(status, "application/json", json);
  }

  static Document of(int status, String contentType, String text) {
    return new Document(status, contentType, text.getBytes(StandardCharsets.UTF_8), Map.of());
  }

  /// A text under a name to keep it by.
  ///
  /// @param name letters, digits, dots and dashes
  static Document file(String contentType, String text, String name) {
    return new Document(
        200,
        contentType,
        text.getBytes(StandardCharsets.UTF_8),
        Map.of("Content-Disposition", "inline; filename=\"" + name + "\""));
  }

  /// A problem document (RFC 9457).
  static Document problem(int status, String title, String detail) {
    return problem(status, title, detail, Map.of());
  }

  static Document problem(int status, String title, String detail, Map<String, String> headers) {
    String json =
        new JsonWriter()
            .object()
            .member("type", "about:blank")
            .member("title", title)
            .member("status", status)
            .member("detail", detail)
            .end()
            .toString();
    return new Document(
        status, "application/problem+json", json.getBytes(StandardCharsets.UTF_8), headers);
  }

  static Document notFound(String what) {
    return problem(404, "Not found", what);
  }

  static Document notAllowed(List<String> methods) {
    String allowed = String.join(", ", methods);
    return problem(405, "Method not allowed", "expected: " + allowed, Map.of("Allow", allowed));
  }
}
