/// What the proxy saw of a failed exchange, as immutable data: the vocabulary that both modules
/// share. Start at [FailedExchange].
@NullMarked
package io.whygate.diagnostics.facts;

import org.jspecify.annotations.NullMarked;
