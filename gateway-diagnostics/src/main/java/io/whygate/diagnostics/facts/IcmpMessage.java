package io.whygate.diagnostics.facts;

import java.net.Inet4Address;
import java.net.InetAddress;

/// An ICMP message that answered a packet of ours (RFC 792, RFC 1812 section 5.2.7.1, RFC 4443
/// section 3).
///
/// @param from who sent it: a router, a filter, the host itself, or this machine
/// @param own whether this machine sent it to itself: a rule of its own firewall, or a neighbour
///   that did not answer it
/// @param type its type: 3 in IPv4 and 1 in IPv6 for 'unreachable'
public record IcmpMessage(InetAddress from, boolean own, int type, int code) {

  /// What it says.
  public enum Meaning {
    /// No way to the network.
    NETWORK_UNREACHABLE,
    /// A way to the network, and nobody answers for the host.
    HOST_UNREACHABLE,
    /// Nothing takes this port. A host says this of UDP; of TCP only a filter does.
    PORT_UNREACHABLE,
    /// Nothing speaks this protocol. A host without TCP says this; of TCP only a filter does.
    PROTOCOL_UNREACHABLE,
    /// A rule forbids it.
    PROHIBITED,
    /// The packet is too large for a link on the way, and may not be cut.
    TOO_LARGE,
    /// Anything else, such as a loop.
    OTHER
  }

  public Meaning meaning() {
    return from instanceof Inet4Address ? meaningV4() : meaningV6();
  }

  /// Whether it is a filter's: 'prohibited', or 'port unreachable' or 'protocol unreachable' for
  /// TCP, which no host says by itself.
  public boolean isRejection() {
    return switch (meaning()) {
      case PROHIBITED, PORT_UNREACHABLE, PROTOCOL_UNREACHABLE -> true;
      case NETWORK_UNREACHABLE, HOST_UNREACHABLE, TOO_LARGE, OTHER -> false;
    };
  }

  private Meaning meaningV4() {
    if (type != 3) {
      return Meaning.OTHER;
    }
    return switch (code) {
      case 0, 6, 11 -> Meaning.NETWORK_UNREACHABLE;
      case 1, 7, 12 -> Meaning.HOST_UNREACHABLE;
      case 2 -> Meaning.PROTOCOL_UNREACHABLE;
      case 3 -> Meaning.PORT_UNREACHABLE;
      case 4 -> Meaning.TOO_LARGE;
      case 9, 10, 13 -> Meaning.PROHIBITED;
      default -> Meaning.OTHER;
    };
  }

  private Meaning meaningV6() {
    if (type == 2) {
      return Meaning.TOO_LARGE;
    }
    if (type != 1) {
      return Meaning.OTHER;
    }
    return switch (code) {
      case 0 -> Meaning.NETWORK_UNREACHABLE;
      case 1, 5, 6 -> Meaning.PROHIBITED;
      case 3 -> Meaning.HOST_UNREACHABLE;
      case 4 -> Meaning.PORT_UNREACHABLE;
      default -> Meaning.OTHER;
    };
  }

  /// For operators, such as `ICMP 3/13 (prohibited) from 10.0.0.1`.
  public String describe() {
    String what =
        switch (meaning()) {
          case NETWORK_UNREACHABLE -> "network unreachable";
          case HOST_UNREACHABLE -> "host unreachable";
          case PORT_UNREACHABLE -> "port unreachable";
          case PROTOCOL_UNREACHABLE -> "protocol unreachable";
          case PROHIBITED -> "administratively prohibited";
          case TOO_LARGE -> "packet too large";
          case OTHER -> "no unreachability";
        };
    return (from instanceof Inet4Address ? "ICMP " : "ICMPv6 ")
        + type
        + "/"
        + code
        + " ("
        + what
        + ") from "
        + from.getHostAddress()
        + (own ? ", the gateway itself" : "");
  }
}
