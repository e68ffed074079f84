/// The proxies that are compared: each one file, which says how it is configured and started.
@NullMarked
package io.whygate.benchmarks.peer;

import org.jspecify.annotations.NullMarked;
