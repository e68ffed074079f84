package io.whygate.gateway.exchange;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.ConnectionUse;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.Timeline;
import java.net.InetAddress;
import java.util.Optional;

/// One try at one endpoint, as it may be told to operators.
///
/// @param startedNanos when it began ([System#nanoTime()])
/// @param span its own in the trace of its exchange; 0 where that has none
/// @param protocol what was spoken, by its name in ALPN, such as `h2`; empty where nothing was
/// @param status the status of the answer; 0 where none came
/// @param failure why it failed; empty where it did not
public record AttemptRecord(
    Endpoint endpoint,
    Optional<InetAddress> address,
    long startedNanos,
    long span,
    Timeline timeline,
    ConnectionUse use,
    String protocol,
    int status,
    long bytesSent,
    long bytesReceived,
    Optional<AttemptFailure> failure) {}
