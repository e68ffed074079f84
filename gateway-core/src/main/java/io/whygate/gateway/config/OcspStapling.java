package io.whygate.gateway.config;

import java.time.Duration;

/// How proofs are had that the gateway's own certificates were not revoked.
///
/// @param enabled whether they are
/// @param timeout of one question to a responder
/// @param maxConcurrent questions at the same time
/// @param backOff the time after a failure, twice as long after each further one
/// @param longestBackOff the most of it
/// @param refresh the time after an answer, at most: so late a revocation is heard of
public record OcspStapling(
    boolean enabled,
    Duration timeout,
    int maxConcurrent,
    Duration backOff,
    Duration longestBackOff,
    Duration refresh) {}
