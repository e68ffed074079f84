package io.whygate.gateway.grpc;

import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Grammar;

/// How long the client of a call waits for it, as the field `grpc-timeout` says: at most eight
/// digits and a unit (gRPC over HTTP/2, "Timeout").
public final class GrpcTimeout {
  private static final int MOST_DIGITS = 8;
  private static final long MOST = 99_999_999;
  private static final String UNITS = "numSMH";

  private static final long[] NANOS = {
    1, 1_000, 1_000_000, 1_000_000_000, 60_000_000_000L, 3_600_000_000_000L
  };

  private GrpcTimeout() {}

  /// What a request says, nanoseconds, at most [Long#MAX_VALUE]; negative where it says nothing, or
  /// nothing that can be understood: as Envoy and the servers in C have it, that bounds nothing,
  /// and is for the server to judge.
  public static long of(FieldSection fields) {
    int field = fields.find(FieldName.GRPC_TIMEOUT, 0);
    if (field < 0 || fields.find(FieldName.GRPC_TIMEOUT, field + 1) >= 0) {
      return -1;
    }
    return read(fields.bytes(), fields.valueStart(field), fields.valueEnd(field));
  }

  private static long read(byte[] bytes, int start, int end) {
    int digits = end - start - 1;
    int unit = digits < 1 || digits > MOST_DIGITS ? -1 : UNITS.indexOf(bytes[end - 1]);
    if (unit < 0) {
      return -1;
    }
    long value = 0;
    for (int i = start; i < end - 1; i++) {
      if (!Grammar.isDigit(bytes[i])) {
        return -1;
      }
      value = value * 10 + bytes[i] - '0';
    }
    long nanos = NANOS[unit];
    return value > Long.MAX_VALUE / nanos ? Long.MAX_VALUE : value * nanos;
  }

  /// What a request is to say: in the finest unit that eight digits are enough for, never more than
  /// is left, and never nothing.
  ///
  /// @param nanos what is left, nanoseconds
  public static String text(long nanos) {
    int unit = 0;
    while (nanos / NANOS[unit] > MOST) {
      unit++;
    }
    return Math.max(1, nanos / NANOS[unit]) + UNITS.substring(unit, unit + 1);
  }
}
