/// Real faults, each with what a client of the gateway has to see of it. Start at [Row].
@NullMarked
package io.whygate.e2e.matrix;

import org.jspecify.annotations.NullMarked;
