/// Failures grouped into incidents with a life.
@NullMarked
package io.whygate.diagnostics.incident;

import org.jspecify.annotations.NullMarked;
