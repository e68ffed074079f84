package io.whygate.gateway.telemetry.otlp;

/// Spans of one exchange as they stand in their scope, one after another.
final class Spans {
  private final byte[] bytes;
  private final int count;

  Spans(byte[] bytes, int count) {
    this.bytes = bytes;
    this.count = count;
  }

  byte[] bytes() {
    return bytes;
  }

  int count() {
    return count;
  }
}
