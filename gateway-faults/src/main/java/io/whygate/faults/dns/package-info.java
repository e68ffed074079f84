/// Scriptable DNS servers, authoritative and caching, that answer rightly or wrongly at will.
///
/// Start at [DnsServer]; [Zone] holds what an authority says, [DnsFault] what goes wrong.
@NullMarked
package io.whygate.faults.dns;

import org.jspecify.annotations.NullMarked;
