/// What operators can measure and read: metrics and the access log. Start at [Metrics].
@NullMarked
package io.whygate.gateway.telemetry;

import org.jspecify.annotations.NullMarked;
