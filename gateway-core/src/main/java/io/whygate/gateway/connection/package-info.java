/// Connections to endpoints: exchanges over them, one pool per event loop. Start at
/// [ConnectionPool], then [UpstreamConnection].
@NullMarked
package io.whygate.gateway.connection;

import org.jspecify.annotations.NullMarked;
