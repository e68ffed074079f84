/// What clients' connections have in common, whatever they speak: what their listener gives them,
/// how their errors are noted, how they end. Start at [ListenerLoop].
@NullMarked
package io.whygate.gateway.listener.client;

import org.jspecify.annotations.NullMarked;
