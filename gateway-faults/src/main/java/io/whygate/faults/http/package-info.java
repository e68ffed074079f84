/// A small HTTP/1.1 server side: reading requests strictly, answering them as a site says.
///
/// Start at [Site], which is what a healthy server does; [StockSite] is the one used by default.
@NullMarked
package io.whygate.faults.http;

import org.jspecify.annotations.NullMarked;
