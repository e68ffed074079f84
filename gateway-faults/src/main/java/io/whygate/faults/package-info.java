/// Real faults on demand: an HTTP server that misbehaves in the ways real servers do.
///
/// Start at [FaultyServer], and at [Fault] for what it can do wrong.
@NullMarked
package io.whygate.faults;

import org.jspecify.annotations.NullMarked;
