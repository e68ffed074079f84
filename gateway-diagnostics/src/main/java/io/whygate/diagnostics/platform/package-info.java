/// What servers run, and by which marks it is known. Start at [Platform].
@NullMarked
package io.whygate.diagnostics.platform;

import org.jspecify.annotations.NullMarked;
