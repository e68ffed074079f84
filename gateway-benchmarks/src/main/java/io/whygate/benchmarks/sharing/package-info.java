/// Counts, in a gateway under load, the writes to memory that more than one of its threads writes:
/// what cores would take from each other. Loaded into the gateway as an agent; its figures are
/// counts, not times.
@NullMarked
package io.whygate.benchmarks.sharing;

import org.jspecify.annotations.NullMarked;
