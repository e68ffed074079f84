/// Writes messages of Protocol Buffers.
@NullMarked
package io.whygate.diagnostics.proto;

import org.jspecify.annotations.NullMarked;
