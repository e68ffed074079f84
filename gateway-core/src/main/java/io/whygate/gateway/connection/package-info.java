/// What an exchange and a pool know of a connection to an endpoint, whatever protocol it speaks.
/// Start at [UpstreamStream], then [UpstreamConnection].
@NullMarked
package io.whygate.gateway.connection;

import org.jspecify.annotations.NullMarked;
