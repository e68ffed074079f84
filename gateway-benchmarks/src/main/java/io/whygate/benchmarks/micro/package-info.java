/// What single pieces on the way of a request cost, by JMH: `./gateway-benchmarks/micro`.
@NullMarked
package io.whygate.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
