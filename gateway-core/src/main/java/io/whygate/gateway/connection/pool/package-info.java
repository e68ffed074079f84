/// One pool of connections per event loop and endpoint, and who waits for one. Start at
/// [ConnectionPool], then [EndpointPool].
@NullMarked
package io.whygate.gateway.connection.pool;

import org.jspecify.annotations.NullMarked;
