/// The gateway: all its parts, put together by plain constructors. Start at [Gateway].
@NullMarked
package io.whygate.gateway;

import org.jspecify.annotations.NullMarked;
