package io.whygate.diagnostics.page;

import io.whygate.diagnostics.proto.ProtoWriter;
import java.util.Base64;
import java.util.Locale;

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
    ProtoWriter status = new ProtoWriter().number(1, code).text(2, message);
    errorInfo(status, view);
    if (view.retryable()) {
      retryInfo(status, view);
    }
    return Base64.getEncoder().withoutPadding().encodeToString(status.copy());
  }

  private static void errorInfo(ProtoWriter status, View view) {
    int any = any(status, "ErrorInfo");
    int info = status.begin(VALUE);
    String reason = view.cause().code().replace('.', '_').replace('-', '_');
    status.text(1, reason.toUpperCase(Locale.ROOT)).text(2, DOMAIN);
    entry(status, "cause", view.cause().code());
    entry(status, "incident", view.incident());
    entry(status, "symptom", view.symptom().code());
    entry(status, "request_processed", view.processed().code());
    status.end(info).end(any);
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
