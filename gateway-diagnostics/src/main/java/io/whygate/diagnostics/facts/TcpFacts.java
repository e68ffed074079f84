package io.whygate.diagnostics.facts;

/// What the kernel knew of a failed TCP connection (Linux `TCP_INFO`).
///
/// @param rttMicros smoothed round-trip time, microseconds
/// @param unacked segments sent and not acknowledged
/// @param retransmits retransmissions of the segment that is waited for
/// @param totalRetransmits retransmissions over the connection's life
/// @param lost segments thought lost
/// @param pathMtu the path's MTU as the kernel knows it, bytes
/// @param lastAckMillis time since the last acknowledgement came, milliseconds
/// @param lastDataReceivedMillis time since the last data came, milliseconds
/// @param acknowledged bytes of the request that the server's kernel acknowledged; -1 where unknown
/// @param gapped whether later bytes of what the server sent have come, and wait for earlier ones
public record TcpFacts(
    long rttMicros,
    long unacked,
    long retransmits,
    long totalRetransmits,
    long lost,
    long pathMtu,
    long lastAckMillis,
    long lastDataReceivedMillis,
    long acknowledged,
    boolean gapped) {}
