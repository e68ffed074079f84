package io.whygate.faults.dns;

import java.time.Instant;

/// A query that came to a server.
///
/// @param name the name asked for, lower case, with its final dot
/// @param type `A`, `AAAA`, `NS` and so on
/// @param tcp whether it came by TCP
/// @param recursionDesired the RD bit
/// @param checkingDisabled the CD bit
/// @param edns whether it had an OPT record
/// @param at when it came
public record DnsQuery(
    String name,
    String type,
    boolean tcp,
    boolean recursionDesired,
    boolean checkingDisabled,
    boolean edns,
    Instant at) {}
