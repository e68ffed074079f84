/// Connections to endpoints: dialling, TLS, one pool per event loop; failures are classified here,
/// once, where the bytes are. Start at [ConnectionPool], then [Dialer] and [UpstreamConnection].
@NullMarked
package io.whygate.gateway.connection;

import org.jspecify.annotations.NullMarked;
