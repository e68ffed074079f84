/// Connections to endpoints that bytes are passed on to as they are. Start at
/// [TcpUpstreamConnection].
@NullMarked
package io.whygate.gateway.connection.tcp;

import org.jspecify.annotations.NullMarked;
