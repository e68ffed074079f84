/// Asks one question of the world and reports one finding. Start at [Finding].
@NullMarked
package io.whygate.diagnostics.probe;

import org.jspecify.annotations.NullMarked;
