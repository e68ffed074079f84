/// HTTP/2 towards endpoints (RFC 9113): one handler a connection, one object a stream, no channel a
/// stream. Start at [Http2UpstreamConnection].
@NullMarked
package io.whygate.gateway.connection.http2;

import org.jspecify.annotations.NullMarked;
