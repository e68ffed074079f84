/// Hostile input: what clients and servers send that could be read in two ways, with what has to
/// come of it. Start at [HostileRequestsTest].
@NullMarked
package io.whygate.e2e.hostile;

import org.jspecify.annotations.NullMarked;
