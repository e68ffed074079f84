package io.whygate.gateway.telemetry.otlp;

import java.nio.charset.StandardCharsets;

/// What a collector says of a message that it took: how many of its spans it did not want
/// (ExportTraceServiceResponse in trace_service.proto).
///
/// @param rejected spans
/// @param why empty where it does not say
record ExportReply(long rejected, String why) {
  private static final ExportReply ALL_TAKEN = new ExportReply(0, "");
  private static final int PARTIAL_SUCCESS = 1;
  private static final int REJECTED = 1;
  private static final int MESSAGE = 2;

  /// One that cannot be read says nothing: the status has said that the message was taken.
  static ExportReply of(byte[] body) {
    try {
      return read(new Fields(body, 0, body.length));
    } catch (IndexOutOfBoundsException | IllegalArgumentException _) {
      return ALL_TAKEN;
    }
  }

  private static ExportReply read(Fields fields) {
    long rejected = 0;
    String why = "";
    while (fields.next()) {
      if (fields.field == PARTIAL_SUCCESS && fields.within != null) {
        Fields partial = fields.within;
        while (partial.next()) {
          if (partial.field == REJECTED) {
            rejected = partial.number;
          } else if (partial.field == MESSAGE && partial.within != null) {
            why = partial.within.text();
          }
        }
      }
    }
    return new ExportReply(Math.max(0, rejected), why);
  }

  /// Reads the fields of a message one after another.
  private static final class Fields {
    private final byte[] bytes;
    private final int end;
    private int at;
    int field;
    long number;
    @org.jspecify.annotations.Nullable Fields within;

    Fields(byte[] bytes, int start, int end) {
      this.bytes = bytes;
      this.at = start;
      this.end = end;
    }

    boolean next() {
      if (at >= end) {
        return false;
      }
      long tag = varint();
      field = (int) (tag >>> 3);
      within = null;
      switch ((int) tag & 7) {
        case 0 -> number = varint();
        case 1 -> at += Long.BYTES;
        case 2 -> {
          long length = varint();
          if (length < 0 || length > end - at) {
            throw new IllegalArgumentException("length: " + length);
          }
          within = new Fields(bytes, at, at + (int) length);
          at += (int) length;
        }
        case 5 -> at += Integer.BYTES;
        default -> throw new IllegalArgumentException("type: " + (tag & 7));
      }
      return true;
    }

    String text() {
      return new String(bytes, at, end - at, StandardCharsets.UTF_8);
    }

    private long varint() {
      long value = 0;
      for (int shift = 0; shift < 64; shift += 7) {
        byte next = bytes[at++];
        value |= (long) (next & 0x7f) << shift;
        if (next >= 0) {
          return value;
        }
      }
      throw new IllegalArgumentException("a number of more than 64 bits");
    }
  }
}
