package io.whygate.gateway.connection.dial;

import io.whygate.diagnostics.facts.AttemptFailure;
import java.net.InetAddress;

/// An address at which no connection could be made.
///
/// @param micros from the beginning of the attempt to the failure, microseconds
public record FailedAddress(InetAddress address, AttemptFailure failure, long micros) {}
