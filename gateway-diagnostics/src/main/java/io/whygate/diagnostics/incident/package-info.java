/// Failures grouped into incidents with a life: open, recovered. Start at [IncidentBook].
@NullMarked
package io.whygate.diagnostics.incident;

import org.jspecify.annotations.NullMarked;
