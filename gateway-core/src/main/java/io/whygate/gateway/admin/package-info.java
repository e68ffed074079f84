/// The operators' interface: HTTP on a listener of its own, never reachable through one that serves
/// clients. Start at [AdminServer].
@NullMarked
package io.whygate.gateway.admin;

import org.jspecify.annotations.NullMarked;
