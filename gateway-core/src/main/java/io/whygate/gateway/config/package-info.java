/// HOCON to immutable settings: the only reader of configuration and of the files that it names.
/// Start at [Settings].
@NullMarked
package io.whygate.gateway.config;

import org.jspecify.annotations.NullMarked;
