/// The HTTP/2 codec (RFC 9113, RFC 7541): frames, and the compression of fields. It knows nothing
/// of streams. Start at [Frames].
@NullMarked
package io.whygate.gateway.http2;

import org.jspecify.annotations.NullMarked;
