/// Explains a failed exchange: facts in, diagnosis out. Start at [Diagnostician].
@NullMarked
package io.whygate.diagnostics;

import org.jspecify.annotations.NullMarked;
