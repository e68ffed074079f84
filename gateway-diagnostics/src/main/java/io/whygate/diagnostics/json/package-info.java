/// JSON texts, written and read. Start at [JsonWriter].
@NullMarked
package io.whygate.diagnostics.json;

import org.jspecify.annotations.NullMarked;
