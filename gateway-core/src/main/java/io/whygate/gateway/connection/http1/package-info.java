/// HTTP/1.1 towards endpoints: one exchange at a time on a connection, its answer read strictly.
/// Start at [Http1UpstreamConnection].
@NullMarked
package io.whygate.gateway.connection.http1;

import org.jspecify.annotations.NullMarked;
