package io.whygate.gateway.connection.health;

import java.time.Instant;

/// What a scheduled check of an endpoint found.
///
/// @param passed whether the answer was one that the configuration takes for healthy
/// @param finding the status, such as `200`, or what failed, such as `connect-refused`
/// @param at when it was found
public record HealthResult(boolean passed, String finding, Instant at) {}
