/// The model of messages and the HTTP/1 codec: heads are read once, strictly, and kept as bytes.
/// Start at [RequestHead].
@NullMarked
package io.whygate.gateway.http;

import org.jspecify.annotations.NullMarked;
