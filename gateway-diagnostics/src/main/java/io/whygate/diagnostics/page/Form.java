package io.whygate.diagnostics.page;

/// The form in which an explanation is given.
public enum Form {
  /// A document for people in browsers.
  HTML("text/html; charset=utf-8"),
  /// A problem document (RFC 9457), for programs.
  PROBLEM("application/problem+json"),
  /// Markdown, for programs that read prose.
  MARKDOWN("text/markdown; charset=utf-8"),
  /// Plain text, for a terminal.
  TEXT("text/plain; charset=utf-8"),
  /// One line, where an image, a script or the like was wanted that nobody will read.
  TINY("text/plain; charset=utf-8"),
  /// A gRPC response that consists of trailers alone.
  GRPC("application/grpc"),
  /// The same to a gRPC-Web client.
  GRPC_WEB("application/grpc-web+proto");

  private final String contentType;

  Form(String contentType) {
    this.contentType = contentType;
  }

  /// The Content-Type with which this form is sent.
  public String contentType() {
    return contentType;
  }

  /// Whether the explanation stands in the fields `grpc-status` and `grpc-message`.
  public boolean isGrpc() {
    return this == GRPC || this == GRPC_WEB;
  }
}
