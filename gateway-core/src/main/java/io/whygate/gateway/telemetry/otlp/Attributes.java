package io.whygate.gateway.telemetry.otlp;

import io.whygate.diagnostics.proto.ProtoWriter;

/// Writes attributes: key and value pairs of OpenTelemetry's common.proto. Texts are cut where they
/// are longer than a backend is likely to keep.
final class Attributes {
  /// As long as the target of a request in the access log.
  static final int LONGEST = 4096;

  private static final int KEY = 1;
  private static final int VALUE = 2;
  private static final int STRING = 1;
  private static final int BOOLEAN = 2;
  private static final int INTEGER = 3;
  private static final int DOUBLE = 4;

  private final ProtoWriter out;
  private final int field;

  /// @param field the number of the attributes in the message that is written
  Attributes(ProtoWriter out, int field) {
    this.out = out;
    this.field = field;
  }

  /// Leaves an empty text out.
  Attributes text(String key, String value) {
    if (!value.isEmpty()) {
      int pair = out.begin(field);
      int holder = out.text(KEY, key).begin(VALUE);
      out.text(STRING, value.length() > LONGEST ? value.substring(0, LONGEST) : value);
      out.end(holder).end(pair);
    }
    return this;
  }

  Attributes number(String key, long value) {
    int pair = out.begin(field);
    int holder = out.text(KEY, key).begin(VALUE);
    out.evenZero(INTEGER, value).end(holder).end(pair);
    return this;
  }

  Attributes flag(String key, boolean value) {
    int pair = out.begin(field);
    int holder = out.text(KEY, key).begin(VALUE);
    out.evenZero(BOOLEAN, value ? 1 : 0).end(holder).end(pair);
    return this;
  }

  Attributes share(String key, double value) {
    int pair = out.begin(field);
    int holder = out.text(KEY, key).begin(VALUE);
    out.fixed64(DOUBLE, Double.doubleToRawLongBits(value)).end(holder).end(pair);
    return this;
  }
}
