package io.whygate.gateway.listener.client;

/// Told to the handlers of clients' connections, as a user event: the listener takes no more
/// connections, and lets go of those it has.
public enum Drain {
  EVENT
}
