/// What normal looked like, and what changed.
@NullMarked
package io.whygate.diagnostics.memory;

import org.jspecify.annotations.NullMarked;
