/// The demo's site, its name servers, and the panel that breaks them for real.
///
/// Start at [DemoSite]; [Breakage] lists what can be broken and [Stage] breaks it.
@NullMarked
package io.whygate.faults.demo;

import org.jspecify.annotations.NullMarked;
