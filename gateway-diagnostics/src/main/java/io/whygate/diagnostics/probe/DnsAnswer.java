package io.whygate.diagnostics.probe;

import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// What one DNS server answered to one question about a name's addresses.
///
/// @param outcome whether an answer came
/// @param rcode the response code as a mnemonic, such as `NXDOMAIN`; empty where no answer came
/// @param authoritative whether the server speaks for the zone (the AA bit)
/// @param aliases the names that the chain of CNAME records leads through, after the one asked for
/// @param addresses the addresses at the chain's end
/// @param ttlSeconds how long the answer may still be remembered, seconds; for an answer without
///   addresses the negative TTL (RFC 2308 section 5); -1 where it is not said
/// @param infoCode the Extended DNS Error (RFC 8914), or -1
public record DnsAnswer(
    Outcome outcome,
    String rcode,
    boolean authoritative,
    List<String> aliases,
    List<InetAddress> addresses,
    long ttlSeconds,
    int infoCode) {

  /// Whether an answer came.
  public enum Outcome {
    ANSWERED,
    /// Nothing came in time.
    SILENT,
    /// Nothing listens there.
    PORT_CLOSED,
    /// There is no way to it.
    UNREACHABLE,
    /// What came is not a DNS answer.
    MALFORMED,
    /// Not asked: the limit on probes, or no time left.
    NOT_ASKED
  }

  public DnsAnswer {
    aliases = List.copyOf(aliases);
    addresses = List.copyOf(addresses);
  }

  /// An answer that did not come.
  public static DnsAnswer none(Outcome outcome) {
    return new DnsAnswer(outcome, "", false, List.of(), List.of(), -1, -1);
  }

  public boolean isAnswered() {
    return outcome == Outcome.ANSWERED;
  }

  public boolean hasRcode(String mnemonic) {
    return isAnswered() && rcode.equals(mnemonic);
  }

  /// One line for operators.
  public String describe() {
    if (!isAnswered()) {
      return outcome.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
    String chain = aliases.isEmpty() ? "" : " by way of " + String.join(", ", aliases);
    String found =
        addresses.isEmpty()
            ? ""
            : addresses.stream()
                .map(InetAddress::getHostAddress)
                .collect(Collectors.joining(", ", " ", ""));
    return rcode
        + found
        + chain
        + (ttlSeconds >= 0 ? ", TTL " + ttlSeconds + " s" : "")
        + (authoritative ? ", authoritative" : "")
        + (infoCode >= 0 ? ", extended error " + infoCode : "");
  }
}
