/// The lines by which programs name a cause in their logs. Start at [LogCatalogue].
@NullMarked
package io.whygate.diagnostics.probe.log.catalogue;

import org.jspecify.annotations.NullMarked;
