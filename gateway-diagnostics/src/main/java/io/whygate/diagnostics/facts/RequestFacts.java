package io.whygate.diagnostics.facts;

/// The request of a failed exchange, without anything that identifies or authorises its sender.
///
/// @param method the method
/// @param path the path without its query
/// @param host the host that the client asked for
/// @param scheme `http` or `https`, as the client spoke to the gateway
/// @param bodyBytes bytes of the body that had come from the client
public record RequestFacts(
    String method, String path, String host, String scheme, long bodyBytes) {}
