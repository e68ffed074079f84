package io.whygate.gateway.connection;

import io.whygate.gateway.config.SmallPieces;
import io.whygate.gateway.config.UpstreamSettings;
import io.whygate.gateway.http.Deadlines;
import io.whygate.gateway.http.HeadLimits;
import java.time.Duration;

/// What all connections of an upstream on one event loop share.
///
/// @param responseTimeout from the end of the request to the response head
/// @param idleTimeout between two pieces of content
/// @param verifyTimeout how long a connection may take to show that its server is there
/// @param limits sizes of a response head
/// @param maxInterimResponses answers of 1xx before the final one
/// @param smallPieces of the content of one answer
public record ConnectionSetup(
    Duration responseTimeout,
    Duration idleTimeout,
    Duration verifyTimeout,
    HeadLimits limits,
    int maxInterimResponses,
    SmallPieces smallPieces,
    UpstreamSettings.Http2 http2,
    Deadlines deadlines) {
  private static final int MOST_OF_STATUS_LINE = 8 * 1024;

  /// What the settings of an upstream say.
  public static ConnectionSetup of(UpstreamSettings settings, Deadlines deadlines) {
    int most = settings.maxResponseHeader();
    int statusLine = Math.min(MOST_OF_STATUS_LINE, most / 2);
    return new ConnectionSetup(
        settings.responseTimeout(),
        settings.idleTimeout(),
        settings.connectTimeout(),
        new HeadLimits(statusLine, most - statusLine, settings.maxResponseHeaderCount()),
        settings.maxInterimResponses(),
        settings.smallPieces(),
        settings.http2(),
        deadlines);
  }
}
