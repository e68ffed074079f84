/// Where exchanges stand in distributed traces (W3C Trace Context), and which traces are kept.
@NullMarked
package io.whygate.gateway.trace;

import org.jspecify.annotations.NullMarked;
