/// Scheduled checks of endpoints, over connections of their own. Start at [HealthChecks].
@NullMarked
package io.whygate.gateway.connection.health;

import org.jspecify.annotations.NullMarked;
