/// Which endpoint serves a request: sets of endpoints, balancing, ejection, circuits, budgets; no
/// Netty. Settings are immutable, state lives at the leaves and outlives a reload. Start at
/// [Upstream].
@NullMarked
package io.whygate.gateway.upstream;

import org.jspecify.annotations.NullMarked;
