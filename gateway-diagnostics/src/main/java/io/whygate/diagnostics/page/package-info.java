/// Shows a diagnosis to a reader: what is said, in which form and language, and what is kept back.
/// Start at [Pages].
@NullMarked
package io.whygate.diagnostics.page;

import org.jspecify.annotations.NullMarked;
