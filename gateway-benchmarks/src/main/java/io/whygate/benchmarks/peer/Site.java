package io.whygate.benchmarks.peer;

import java.nio.file.Path;

/// What a peer is told to do: where it listens, where it forwards, and what for.
///
/// @param folder a folder of its own: configuration, logs, whatever it writes
/// @param port where it serves clear text
/// @param tlsPort where it serves TLS, HTTP/1.1 and HTTP/2
/// @param origin the port of the server behind it, on 127.0.0.1
/// @param dead a port where nobody listens: all below `/dead` is forwarded there
/// @param certificate PEM, the chain
/// @param key PEM
/// @param routes how many further routes it has, `/r1/` to `/rN/`
/// @param upstreams over how many upstreams these routes are spread; all of them lead to the origin
public record Site(
    Path folder,
    int port,
    int tlsPort,
    int origin,
    int dead,
    Path certificate,
    Path key,
    int routes,
    int upstreams) {}
