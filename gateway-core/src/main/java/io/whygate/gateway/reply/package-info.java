/// Answers that the gateway gives itself.
@NullMarked
package io.whygate.gateway.reply;

import org.jspecify.annotations.NullMarked;
