/// Shows the recording of a failed exchange in forms that other programs take: as an HTTP Archive,
/// as a command. Start at [HarDocument].
@NullMarked
package io.whygate.diagnostics.page.recording;

import org.jspecify.annotations.NullMarked;
