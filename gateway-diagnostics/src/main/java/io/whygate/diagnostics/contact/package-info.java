/// Finds, out of line, whom to turn to at the host of an address or a name. Start at
/// [HostContacts].
@NullMarked
package io.whygate.diagnostics.contact;

import org.jspecify.annotations.NullMarked;
