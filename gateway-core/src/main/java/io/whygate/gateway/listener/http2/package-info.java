/// Clients that speak HTTP/2 (RFC 9113): one handler a connection, one object a stream, no channel
/// a stream. Start at [Http2Connection].
@NullMarked
package io.whygate.gateway.listener.http2;

import org.jspecify.annotations.NullMarked;
