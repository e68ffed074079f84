/// What the gateway costs beside the servers that people would use instead: every peer under the
/// same load in one run, in rounds by turns. Start at [Compare].
@NullMarked
package io.whygate.benchmarks;

import org.jspecify.annotations.NullMarked;
