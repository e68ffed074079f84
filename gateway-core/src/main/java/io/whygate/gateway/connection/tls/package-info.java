/// TLS towards endpoints: contexts, and what a handshake shows of itself while it goes on or fails.
/// Start at [TlsContexts].
@NullMarked
package io.whygate.gateway.connection.tls;

import org.jspecify.annotations.NullMarked;
