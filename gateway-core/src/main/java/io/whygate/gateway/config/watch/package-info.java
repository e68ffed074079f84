/// Notices that a file of the configuration changed. Start at [ConfigWatch].
@NullMarked
package io.whygate.gateway.config.watch;

import org.jspecify.annotations.NullMarked;
