/// One request from its route to its record: attempts, retries, the relay of bodies, the reply when
/// all failed.
@NullMarked
package io.whygate.gateway.exchange;

import org.jspecify.annotations.NullMarked;
