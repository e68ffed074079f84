/// Sends a recorded request once more and watches each phase, outside of any gateway. Start at
/// [Replay].
@NullMarked
package io.whygate.gateway.replay;

import org.jspecify.annotations.NullMarked;
