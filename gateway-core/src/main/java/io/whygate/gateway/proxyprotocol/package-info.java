/// The PROXY protocol of HAProxy: its headers, read once and strictly, and written. Start at
/// [ProxyHeader].
@NullMarked
package io.whygate.gateway.proxyprotocol;

import org.jspecify.annotations.NullMarked;
