package io.whygate.e2e.matrix;

import java.util.List;

/// Two faults that look alike, and must never be taken for each other: rows of the matrix by their
/// names.
///
/// @param name what is easily confused
/// @param one a row, as `cause: name`
/// @param other its look-alike
public record Pair(String name, String one, String other) {

  /// The pairs that loopback can show; those that need a network are in the network's own table.
  public static List<Pair> all() {
    return List.of(
        new Pair(
            "idle race / crash on the request",
            "blip.stale-connection: the kept connection was closed by the server",
            "application.closed-before-response: closes without an answer"),
        new Pair(
            "slow application / lost packets",
            "application.timeout: slow everywhere, light paths late",
            "firewall.dropped: no connection is taken any more"),
        new Pair(
            "stale address / server down",
            "dns.drift: moved; nothing listens at the new address",
            "server.port-closed: nothing listens, and the name still says this address"),
        new Pair(
            "recycled address / wrong certificate",
            "dns.recycled-address: another site's certificate at the old address",
            "tls.name-mismatch: another site's certificate at the address that the name says"),
        new Pair(
            "resolver down / name broken",
            "dns.timeout: the resolver is silent",
            "dns.server-failure: the resolver says SERVFAIL"),
        new Pair(
            "signatures wrong / name servers down",
            "dns.validation-failed: the zone's signatures are wrong",
            "dns.server-failure: the zone's name servers are silent"),
        new Pair(
            "certificate expired / clock wrong",
            "tls.certificate-expired: the leaf ran out",
            "gateway.clock-skew: the leaf ran out by the gateway's clock alone"),
        new Pair(
            "TLS on a plain port / no suite in common",
            "tls.plaintext-upstream: plain HTTP on the TLS port",
            "tls.cipher-mismatch: a suite that the gateway does not speak"),
        new Pair(
            "the server's own 502 / ours",
            "application.gateway-error: its own 502, and no word why",
            "server.port-closed: nothing listens on the port"),
        new Pair(
            "gateway exhausted / server refuses",
            "gateway.pool-exhausted: one connection, and it is in use",
            "server.port-closed: nothing listens on the port, a form"),
        new Pair(
            "one path / the whole site",
            "application.path-failure: one path hangs",
            "application.workers-exhausted: nobody is answered"),
        new Pair(
            "the server's socket is gone / nobody listens on it",
            "server.socket-missing: the socket's file is gone",
            "server.port-closed: a socket's file without a listener"));
  }
}
