/// The making of connections to endpoints: addresses, the race among them, TLS; what goes wrong on
/// the wire is classified here, once, by type and error number. Start at [Dialer].
@NullMarked
package io.whygate.gateway.connection.dial;

import org.jspecify.annotations.NullMarked;
