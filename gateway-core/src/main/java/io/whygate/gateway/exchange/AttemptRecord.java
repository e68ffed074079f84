package io.whygate.gateway.exchange;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.ConnectionUse;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.Timeline;
import java.net.InetAddress;
import java.util.Optional;

/// One try at one endpoint, as it may be told to operators.
///
/// @param protocol what was spoken, by its name in ALPN, such as `h2`; empty where nothing was
/// @param status the status of the answer; 0 where none came
/// @param failure why it failed; empty where it did not
public record AttemptRecord(
    Endpoint endpoint,
    Optional<InetAddress> address,
    Timeline timeline,
    ConnectionUse use,
    String protocol,
    int status,
    long bytesSent,
    long bytesReceived,
    Optional<AttemptFailure> failure) {}
