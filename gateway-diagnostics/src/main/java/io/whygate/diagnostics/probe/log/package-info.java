/// Reads what the server itself says. Start at [ServerLogs].
@NullMarked
package io.whygate.diagnostics.probe.log;

import org.jspecify.annotations.NullMarked;
