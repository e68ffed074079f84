/// What the network says of a packet and the JDK does not tell: the ICMP message behind an error,
/// and pings. Start at [SystemSockets].
@NullMarked
package io.whygate.diagnostics.probe.icmp;

import org.jspecify.annotations.NullMarked;
