/// Reads HOCON and the files that it names into settings; the only place that sees either. Start at
/// [ConfigReader].
@NullMarked
package io.whygate.gateway.config.reading;

import org.jspecify.annotations.NullMarked;
