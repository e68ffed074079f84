/// What normal looked like, and what changed. Start at [Memory].
@NullMarked
package io.whygate.diagnostics.memory;

import org.jspecify.annotations.NullMarked;
