/// Visitors who wait at a page for a site to answer again: what they may ask of an incident, and
/// the order in which they are let in once it is over. Start at [IncidentPaths].
@NullMarked
package io.whygate.gateway.waiting;

import org.jspecify.annotations.NullMarked;
