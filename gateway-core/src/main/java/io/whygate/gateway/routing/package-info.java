/// Which upstream a request goes to, by host, path, method and header fields. Start at
/// [RouteTable].
@NullMarked
package io.whygate.gateway.routing;

import org.jspecify.annotations.NullMarked;
