/// Shows a diagnosis to a reader.
@NullMarked
package io.whygate.diagnostics.page;

import org.jspecify.annotations.NullMarked;
