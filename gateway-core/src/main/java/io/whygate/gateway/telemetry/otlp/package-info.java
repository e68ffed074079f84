/// Spans of exchanges, exported by OTLP over HTTP. Start at [Tracing].
@NullMarked
package io.whygate.gateway.telemetry.otlp;

import org.jspecify.annotations.NullMarked;
