package io.whygate.gateway.http;

/// How large a message's head may be.
///
/// @param startLine the request line or status line, bytes
/// @param headerSize all field lines together, bytes
/// @param headerCount field lines
public record HeadLimits(int startLine, int headerSize, int headerCount) {}
