/// TLS on sockets that threads may block on: whose certificates are trusted, which one is shown.
@NullMarked
package io.whygate.gateway.trust;

import org.jspecify.annotations.NullMarked;
