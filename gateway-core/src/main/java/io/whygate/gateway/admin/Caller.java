package io.whygate.gateway.admin;

import java.net.InetAddress;

/// The other end of a connection.
///
/// @param secure whether it speaks TLS
record Caller(InetAddress address, boolean secure) {}
