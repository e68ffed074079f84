/// Explains a failed exchange: facts in, diagnosis out.
@NullMarked
package io.whygate.diagnostics;

import org.jspecify.annotations.NullMarked;
