package io.whygate.diagnostics.page;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;

/// The value of `grpc-status-details-bin`: a `google.rpc.Status` with an `ErrorInfo`, which names
/// the cause for programs, and, where a repetition may help, a `RetryInfo`. Written by hand, as it
/// is three small messages of Protocol Buffers.
final class GrpcDetails {
  private static final String TYPES = "type.googleapis.com/google.rpc.";
  private static final String DOMAIN = "whygate";

  private GrpcDetails() {}

  /// @param code the gRPC status
  /// @param message what `grpc-message` says, not encoded
  static String of(View view, int code, String message) {
    var status = new ByteArrayOutputStream(256);
    number(status, 1, code);
    text(status, 2, message);
    any(status, "ErrorInfo", errorInfo(view));
    if (view.retryable()) {
      any(status, "RetryInfo", retryInfo(view));
    }
    return Base64.getEncoder().withoutPadding().encodeToString(status.toByteArray());
  }

  private static byte[] errorInfo(View view) {
    var info = new ByteArrayOutputStream(160);
    String reason = view.cause().code().replace('.', '_').replace('-', '_');
    text(info, 1, reason.toUpperCase(Locale.ROOT));
    text(info, 2, DOMAIN);
    entry(info, "cause", view.cause().code());
    entry(info, "incident", view.incident());
    entry(info, "symptom", view.symptom().code());
    entry(info, "request_processed", view.processed().code());
    return info.toByteArray();
  }

  private static byte[] retryInfo(View view) {
    var delay = new ByteArrayOutputStream(8);
    number(delay, 1, view.retryAfterSeconds());
    var info = new ByteArrayOutputStream(16);
    bytes(info, 1, delay.toByteArray());
    return info.toByteArray();
  }

  private static void any(ByteArrayOutputStream out, String type, byte[] message) {
    var any = new ByteArrayOutputStream(message.length + 64);
    text(any, 1, TYPES + type);
    bytes(any, 2, message);
    bytes(out, 3, any.toByteArray());
  }

  private static void entry(ByteArrayOutputStream out, String key, String value) {
    var entry = new ByteArrayOutputStream(64);
    text(entry, 1, key);
    text(entry, 2, value);
    bytes(out, 3, entry.toByteArray());
  }

  private static void text(ByteArrayOutputStream out, int field, String text) {
    bytes(out, field, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void bytes(ByteArrayOutputStream out, int field, byte[] value) {
    out.write((field << 3) | 2);
    varint(out, value.length);
    out.writeBytes(value);
  }

  private static void number(ByteArrayOutputStream out, int field, long value) {
    out.write(field << 3);
    varint(out, value);
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long rest = value;
    while (rest > 0x7f) {
      out.write((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write((int) rest);
  }
}
