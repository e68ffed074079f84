/// Asks one question of the world and reports one finding.
@NullMarked
package io.whygate.diagnostics.probe;

import org.jspecify.annotations.NullMarked;
