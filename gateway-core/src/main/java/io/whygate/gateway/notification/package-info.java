/// Tells people and programs of incidents: webhooks, chats, Alertmanager, e-mail. Start at
/// [NewsDesk].
@NullMarked
package io.whygate.gateway.notification;

import org.jspecify.annotations.NullMarked;
