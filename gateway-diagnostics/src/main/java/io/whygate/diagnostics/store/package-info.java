/// What is kept over a restart, as bytes on a disk that may be full, gone or torn. Start at
/// [StateFolder].
@NullMarked
package io.whygate.diagnostics.store;

import org.jspecify.annotations.NullMarked;
