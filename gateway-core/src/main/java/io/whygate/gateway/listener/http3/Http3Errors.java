package io.whygate.gateway.listener.http3;

import io.netty.handler.codec.http3.Http3ErrorCode;
import io.netty.handler.codec.http3.Http3Exception;
import io.netty.handler.codec.http3.Http3HeadersValidationException;
import io.netty.handler.codec.quic.QuicException;
import io.whygate.gateway.listener.client.ConnectionErrors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the errors mean that Netty's codec of HTTP/3 reports.
final class Http3Errors {
  private static final Logger LOG = LoggerFactory.getLogger(Http3Errors.class);

  private Http3Errors() {}

  /// Whether one request is malformed, and the connection goes on (RFC 9114 section 4.1.2).
  static boolean isOfMessage(Throwable error) {
    return error instanceof Http3HeadersValidationException
        || (error instanceof Http3Exception http
            && http.errorCode() == Http3ErrorCode.H3_MESSAGE_ERROR);
  }

  /// Whether a list of fields is so large that the codec does not hand it on.
  static boolean isOfSize(Throwable error) {
    return error instanceof Http3Exception http
        && http.errorCode() == Http3ErrorCode.H3_EXCESSIVE_LOAD;
  }

  /// Notes an error of a connection or a stream: what a client did is its own affair.
  static void note(Throwable error) {
    if (error instanceof QuicException || error instanceof Http3Exception) {
      noteOfClient(error);
    } else {
      ConnectionErrors.note(error);
    }
  }

  /// Notes an error that a client made, whatever it looks like.
  static void noteOfClient(Throwable error) {
    LOG.debug("a client's connection failed", error);
  }
}
