package io.whygate.gateway.trace;

import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.FieldSection;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// What a client's traceparent says (W3C Trace Context, section 3.2).
///
/// @param high the first half of the trace's id
/// @param low its second half
/// @param span the span that asked
/// @param flags as they were sent
public record TraceParent(long high, long low, long span, int flags) {
  private static final int LENGTH = 55;
  private static final int TRACE = 3;
  private static final int SPAN = 36;
  private static final int FLAGS = 53;

  /// The one that is sent, or null where there is none, or none that is well formed: then the trace
  /// begins anew.
  public static @Nullable TraceParent of(FieldSection fields) {
    int field = fields.find(FieldName.TRACEPARENT, 0);
    return field < 0 || fields.find(FieldName.TRACEPARENT, field + 1) >= 0
        ? null
        : of(fields.bytes(), fields.valueStart(field), fields.valueEnd(field));
  }

  private static @Nullable TraceParent of(byte[] bytes, int start, int end) {
    if (!isWellFormed(bytes, start, end)) {
      return null;
    }
    TraceParent found =
        new TraceParent(
            Hex.read(bytes, start + TRACE, 16),
            Hex.read(bytes, start + TRACE + 16, 16),
            Hex.read(bytes, start + SPAN, 16),
            (int) Hex.read(bytes, start + FLAGS, 2));
    boolean isEmpty = (found.high == 0 && found.low == 0) || found.span == 0;
    return isEmpty ? null : found;
  }

  /// Version 00 is this long and no longer; a later one may go on after a dash, ff is none.
  private static boolean isWellFormed(byte[] bytes, int start, int end) {
    int length = end - start;
    if (length < LENGTH
        || !Hex.isHex(bytes, start, 2)
        || bytes[start + 2] != '-'
        || !Hex.isHex(bytes, start + TRACE, 32)
        || bytes[start + SPAN - 1] != '-'
        || !Hex.isHex(bytes, start + SPAN, 16)
        || bytes[start + FLAGS - 1] != '-'
        || !Hex.isHex(bytes, start + FLAGS, 2)) {
      return false;
    }
    long version = Hex.read(bytes, start, 2);
    return version == 0
        ? length == LENGTH
        : version != 0xff && (length == LENGTH || bytes[start + LENGTH] == '-');
  }

  /// The trace's id, 32 hexadecimal digits.
  public String id() {
    return id(high, low);
  }

  static String id(long high, long low) {
    byte[] digits = new byte[32];
    Hex.write(low, digits, Hex.write(high, digits, 0));
    return new String(digits, StandardCharsets.US_ASCII);
  }
}
