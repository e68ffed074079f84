package io.whygate.gateway.connection;

import io.whygate.gateway.http.Deadlines;
import io.whygate.gateway.http.HeadLimits;
import java.time.Duration;

/// What all connections of an upstream on one event loop share.
///
/// @param responseTimeout from the end of the request to the response head
/// @param idleTimeout between two pieces of content
/// @param limits sizes of a response head
public record ConnectionSetup(
    Duration responseTimeout, Duration idleTimeout, HeadLimits limits, Deadlines deadlines) {}
