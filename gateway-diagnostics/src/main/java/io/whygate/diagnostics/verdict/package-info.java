/// Judges evidence: pure rules from findings to a cause, with a confidence and what speaks against
/// the look-alikes. Start at [Judge] and [Diagnosis].
@NullMarked
package io.whygate.diagnostics.verdict;

import org.jspecify.annotations.NullMarked;
