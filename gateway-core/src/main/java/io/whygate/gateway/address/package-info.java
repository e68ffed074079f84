/// Names to addresses: by the hosts file and by DNS, with the true times to live; no Netty, and
/// nothing here is called back on an event loop. Start at [AddressBook].
@NullMarked
package io.whygate.gateway.address;

import org.jspecify.annotations.NullMarked;
