package io.whygate.gateway.reply;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// An answer of the gateway's own.
///
/// @param status the status code
/// @param fields in the order in which they are sent, Content-Length among them
/// @param body the content that is sent; not to be changed by anybody
/// @param close whether the connection has lost its framing, or has to end for another reason
@SuppressWarnings("ArrayRecordComponent") // shared and written out as it is; never compared
public record LocalReply(int status, List<Field> fields, byte[] body, boolean close) {

  /// One header field.
  public record Field(String name, String value) {}

  public LocalReply {
    fields = List.copyOf(fields);
  }

  /// A short answer in plain text.
  ///
  /// @param detail one sentence; the reason phrase stands before it
  public static LocalReply text(int status, String detail, boolean close) {
    return text(status, detail, close, List.of());
  }

  /// A short answer in plain text with further fields.
  public static LocalReply text(int status, String detail, boolean close, List<Field> more) {
    byte[] body =
        (status + " " + reason(status) + ": " + detail + "\n").getBytes(StandardCharsets.UTF_8);
    List<Field> fields = new java.util.ArrayList<>(more);
    fields.add(new Field("Content-Type", "text/plain; charset=utf-8"));
    fields.add(new Field("Content-Length", Integer.toString(body.length)));
    fields.add(new Field("Cache-Control", "no-store"));
    fields.add(new Field("X-Content-Type-Options", "nosniff"));
    return new LocalReply(status, fields, body, close);
  }

  /// Content that is meant for a program, such as the proof of a challenge.
  public static LocalReply bytes(byte[] body) {
    List<Field> fields =
        List.of(
            new Field("Content-Type", "application/octet-stream"),
            new Field("Content-Length", Integer.toString(body.length)),
            new Field("Cache-Control", "no-store"),
            new Field("X-Content-Type-Options", "nosniff"));
    return new LocalReply(200, fields, body, false);
  }

  /// The reason phrase of a status that the gateway gives itself.
  public static String reason(int status) {
    return switch (status) {
      case 200 -> "OK";
      case 204 -> "No Content";
      case 308 -> "Permanent Redirect";
      case 400 -> "Bad Request";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 408 -> "Request Timeout";
      case 413 -> "Content Too Large";
      case 414 -> "URI Too Long";
      case 417 -> "Expectation Failed";
      case 421 -> "Misdirected Request";
      case 429 -> "Too Many Requests";
      case 431 -> "Request Header Fields Too Large";
      case 500 -> "Internal Server Error";
      case 501 -> "Not Implemented";
      case 502 -> "Bad Gateway";
      case 503 -> "Service Unavailable";
      case 504 -> "Gateway Timeout";
      case 505 -> "HTTP Version Not Supported";
      default -> "Status " + status;
    };
  }
}
