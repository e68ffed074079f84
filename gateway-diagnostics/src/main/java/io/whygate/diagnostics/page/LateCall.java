package io.whygate.diagnostics.page;

import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.facts.Symptom;
import io.whygate.diagnostics.page.Page.Field;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// A gRPC call whose deadline was over before its answer was there. Nothing needs to be wrong:
/// there is no diagnosis of it and no incident, only what it was that took so long.
///
/// @param deadline how much time the call had
/// @param phase how far it had come
/// @param earlier what a try that failed before had seen; empty where none did
public record LateCall(
    Duration deadline, Phase phase, Optional<Symptom> earlier, RequestProcessed processed) {
  private static final byte[] NOTHING = {};

  /// DEADLINE_EXCEEDED.
  private static final int CODE = 4;

  /// The answer, for a visitor.
  ///
  /// @param name what the gateway calls itself in Proxy-Status
  /// @param form one of gRPC's
  public Page page(String name, Form form) {
    String message = message();
    return new Page(
        200,
        List.of(
            new Field("Content-Type", form.contentType()),
            new Field("Content-Length", "0"),
            new Field("Cache-Control", "no-store"),
            new Field("Proxy-Status", ProxyStatus.late(phase).member(name, "")),
            new Field("grpc-status", Integer.toString(CODE)),
            new Field("grpc-message", message),
            new Field("grpc-status-details-bin", details(message))),
        NOTHING);
  }

  /// In ASCII, and without what would have to be encoded in `grpc-message`.
  private String message() {
    StringBuilder out = new StringBuilder(128);
    out.append("the deadline of the call (").append(duration()).append(") is over: ");
    out.append(
        switch (phase) {
          case RESOLVE, CONNECT, TLS_HANDSHAKE -> "no connection to the server was there in time";
          case SEND_REQUEST -> "the request was not sent whole in time";
          case AWAIT_RESPONSE -> "the server did not answer in time";
          case READ_RESPONSE -> "the answer was not whole in time";
        });
    earlier.ifPresent(
        each -> out.append(", after a try that failed (").append(each.code()).append(')'));
    return out.append(" [deadline exceeded, ").append(processed.code()).append(']').toString();
  }

  private String duration() {
    long millis = deadline.toMillis();
    return millis > 0 || deadline.isZero() ? millis + " ms" : deadline.toNanos() / 1000 + " us";
  }

  private String details(String message) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("deadline_ms", Long.toString(deadline.toMillis()));
    metadata.put("phase", phase.name().toLowerCase(Locale.ROOT));
    earlier.ifPresent(each -> metadata.put("symptom", each.code()));
    metadata.put("request_processed", processed.code());
    return GrpcDetails.of(CODE, message, "DEADLINE_EXCEEDED", metadata);
  }
}
