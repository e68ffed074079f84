/// The commands: what a person types, reads and gets as an exit code. Start at [Main].
@NullMarked
package io.whygate.gateway.cli;

import org.jspecify.annotations.NullMarked;
