/// Asks resolvers, and the name's own servers past every cache. Start at [ResolveProbe].
@NullMarked
package io.whygate.diagnostics.probe.dns;

import org.jspecify.annotations.NullMarked;
