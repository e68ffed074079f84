package io.whygate.gateway.telemetry.otlp;

/// The numbers of OpenTelemetry's trace.proto and trace_service.proto.
final class SpanFields {
  static final int RESOURCE_SPANS = 1;
  static final int RESOURCE = 1;
  static final int RESOURCE_ATTRIBUTES = 1;
  static final int SCOPE_SPANS = 2;
  static final int SCOPE = 1;
  static final int SCOPE_NAME = 1;
  static final int SCOPE_VERSION = 2;

  /// Of a span in its scope.
  static final int SPANS = 2;

  static final int TRACE_ID = 1;
  static final int SPAN_ID = 2;
  static final int TRACE_STATE = 3;
  static final int PARENT = 4;
  static final int NAME = 5;
  static final int KIND = 6;
  static final int START = 7;
  static final int END = 8;
  static final int ATTRIBUTES = 9;
  static final int EVENTS = 11;
  static final int LINKS = 13;
  static final int STATUS = 15;
  static final int FLAGS = 16;

  static final int EVENT_TIME = 1;
  static final int EVENT_NAME = 2;
  static final int EVENT_ATTRIBUTES = 3;

  static final int LINK_TRACE_ID = 1;
  static final int LINK_SPAN_ID = 2;

  static final int STATUS_MESSAGE = 2;
  static final int STATUS_CODE = 3;

  static final int INTERNAL = 1;
  static final int SERVER = 2;
  static final int CLIENT = 3;

  static final int ERROR = 2;

  /// Flags above those of W3C: it is known whether the parent is another process's.
  static final int HAS_IS_REMOTE = 0x100;

  static final int IS_REMOTE = 0x200;

  private SpanFields() {}
}
