package io.whygate.diagnostics.page;

import io.whygate.diagnostics.proto.ProtoWriter;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// The value of `grpc-status-details-bin`: a `google.rpc.Status` with an `ErrorInfo`, which names
/// the cause for programs, and, where a repetition may help, a `RetryInfo`.
final class GrpcDetails {
  private static final String TYPES = "type.googleapis.com/google.rpc.";
  private static final String DOMAIN = "whygate";

  /// Field numbers: of Status, of Any, of ErrorInfo.
  private static final int DETAILS = 3;

  private static final int VALUE = 2;
  private static final int METADATA = 3;

  private GrpcDetails() {}

  /// @param code the gRPC status
  /// @param message what `grpc-message` says, not encoded
  static String of(View view, int code, String message) {
    String reason = view.cause().code().replace('.', '_').replace('-', '_');
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("cause", view.cause().code());
    metadata.put("incident", view.incident());
    metadata.put("symptom", view.symptom().code());
    metadata.put("request_processed", view.processed().code());
    ProtoWriter status = status(code, message, reason.toUpperCase(Locale.ROOT), metadata);
    if (view.retryable()) {
      retryInfo(status, view);
    }
    return base64(status);
  }

  /// The same of what is no failure's diagnosis.
  ///
  /// @param reason names it for programs, in capitals
  static String of(int code, String message, String reason, Map<String, String> metadata) {
    return base64(status(code, message, reason, metadata));
  }

  private static String base64(ProtoWriter status) {
    return Base64.getEncoder().withoutPadding().encodeToString(status.copy());
  }

  /// A status with its first detail, the `ErrorInfo`.
  private static ProtoWriter status(
      int code, String message, String reason, Map<String, String> metadata) {
    ProtoWriter status = new ProtoWriter().number(1, code).text(2, message);
    int any = any(status, "ErrorInfo");
    int info = status.begin(VALUE);
    status.text(1, reason).text(2, DOMAIN);
    metadata.forEach((key, value) -> entry(status, key, value));
    status.end(info).end(any);
    return status;
  }

  private static void retryInfo(ProtoWriter status, View view) {
    int any = any(status, "RetryInfo");
    int info = status.begin(VALUE);
    int delay = status.begin(1);
    status.number(1, view.retryAfterSeconds()).end(delay).end(info).end(any);
  }

  /// Begins one of the details: a `google.protobuf.Any`.
  private static int any(ProtoWriter status, String type) {
    int any = status.begin(DETAILS);
    status.text(1, TYPES + type);
    return any;
  }

  private static void entry(ProtoWriter out, String key, String value) {
    int entry = out.begin(METADATA);
    out.text(1, key).text(2, value).end(entry);
  }
}
