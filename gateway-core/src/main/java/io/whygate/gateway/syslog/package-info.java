/// Receives the logs of servers on other hosts. Start at [SyslogReceiver].
@NullMarked
package io.whygate.gateway.syslog;

import org.jspecify.annotations.NullMarked;
