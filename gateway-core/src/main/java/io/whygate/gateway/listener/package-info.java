/// The client's side: sockets, TLS, the protocols that clients speak. Start at [Listener].
@NullMarked
package io.whygate.gateway.listener;

import org.jspecify.annotations.NullMarked;
