/// The built program against real servers, a real browser and real faults. Start at
/// [io.whygate.e2e.Needs].
@NullMarked
package io.whygate.e2e;

import org.jspecify.annotations.NullMarked;
