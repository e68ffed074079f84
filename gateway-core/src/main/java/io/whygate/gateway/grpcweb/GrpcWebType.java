package io.whygate.gateway.grpcweb;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A media type of gRPC-Web.
///
/// @param isText whether its content is base64
/// @param encoding how messages are written, such as `+proto`; empty where it does not say
record GrpcWebType(boolean isText, String encoding) {
  private static final String WEB = "application/grpc-web";
  private static final String GRPC = "application/grpc";
  private static final String TEXT = "-text";

  /// What a field says; null where it is another type.
  ///
  /// @param field the value of Content-Type, or an element of Accept
  static @Nullable GrpcWebType of(String field) {
    if (!field.regionMatches(true, 0, WEB, 0, WEB.length())) {
      return null;
    }
    String rest = withoutParameters(field).substring(WEB.length());
    boolean text = rest.startsWith(TEXT);
    String encoding = text ? rest.substring(TEXT.length()) : rest;
    return encoding.isEmpty() || encoding.startsWith("+") ? new GrpcWebType(text, encoding) : null;
  }

  /// How messages are written by a content of gRPC itself; null where it is another type.
  static @Nullable String encodingOfGrpc(String field) {
    if (!field.regionMatches(true, 0, GRPC, 0, GRPC.length())) {
      return null;
    }
    String encoding = withoutParameters(field).substring(GRPC.length());
    return encoding.isEmpty() || encoding.startsWith("+") ? encoding : null;
  }

  private static String withoutParameters(String field) {
    int end = field.indexOf(';');
    return (end < 0 ? field : field.substring(0, end)).strip().toLowerCase(Locale.ROOT);
  }

  /// The type that a gRPC server is told.
  String ofGrpc() {
    return GRPC + encoding;
  }

  /// The type of an answer. Protobuf is said where nothing is, as most clients know it by that.
  static String ofAnswer(boolean text, String encoding) {
    return WEB + (text ? TEXT : "") + (encoding.isEmpty() ? "+proto" : encoding);
  }
}
