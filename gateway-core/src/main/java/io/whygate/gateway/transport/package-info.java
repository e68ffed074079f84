/// Which of the system's ways to do network input and output is used; shared by listeners and
/// connections. Start at [Transport].
@NullMarked
package io.whygate.gateway.transport;

import org.jspecify.annotations.NullMarked;
