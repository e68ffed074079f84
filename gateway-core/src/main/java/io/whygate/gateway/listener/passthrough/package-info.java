/// Clients whose connections are passed on as they are. Start at [PassThroughConnection].
@NullMarked
package io.whygate.gateway.listener.passthrough;

import org.jspecify.annotations.NullMarked;
