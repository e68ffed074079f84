/// Real servers, networks and browsers that a test starts and that are gone after it. Start at
/// [io.whygate.e2e.lab.LabProcess].
@NullMarked
package io.whygate.e2e.lab;

import org.jspecify.annotations.NullMarked;
