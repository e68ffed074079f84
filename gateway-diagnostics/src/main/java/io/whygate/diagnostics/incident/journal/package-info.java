/// Incidents on a disk: kept over a restart, as records that are appended. Start at
/// [IncidentJournal].
@NullMarked
package io.whygate.diagnostics.incident.journal;

import org.jspecify.annotations.NullMarked;
