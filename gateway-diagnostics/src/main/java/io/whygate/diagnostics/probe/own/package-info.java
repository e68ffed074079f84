/// The gateway's own process and system: whether it is us.
///
/// Start at [OwnProbe].
@NullMarked
package io.whygate.diagnostics.probe.own;

import org.jspecify.annotations.NullMarked;
