package io.whygate.diagnostics.contact;

import io.whygate.diagnostics.facts.Endpoint;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What a registry can be asked about: addresses and names that are the world's, and not those of
/// somebody's own network.
final class Questions {
  /// Top-level labels that belong to nobody (RFC 6761, RFC 6762, and what is usual).
  private static final Set<String> PRIVATE =
      Set.of(
          "local",
          "internal",
          "localhost",
          "test",
          "example",
          "invalid",
          "onion",
          "arpa",
          "lan",
          "home",
          "corp",
          "intranet",
          "private",
          "localdomain");

  private static final int LONGEST = 4;

  private Questions() {}

  /// Whether an address is one that a registry gave to somebody (RFC 6890).
  static boolean isGlobal(InetAddress address) {
    if (address.isAnyLocalAddress()
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return false;
    }
    byte[] bytes = address.getAddress();
    int a = bytes[0] & 0xff;
    int b = bytes[1] & 0xff;
    int c = bytes[2] & 0xff;
    if (address instanceof Inet6Address) {
      boolean documentation = a == 0x20 && b == 0x01 && c == 0x0d && (bytes[3] & 0xff) == 0xb8;
      return (a & 0xe0) == 0x20 && !documentation;
    }
    boolean shared = a == 100 && (b & 0xc0) == 64;
    boolean documentation =
        (a == 192 && b == 0 && (c == 0 || c == 2))
            || (a == 198 && b == 51 && c == 100)
            || (a == 203 && b == 0 && c == 113);
    boolean benchmarks = a == 198 && (b & 0xfe) == 18;
    return a != 0 && a < 240 && !shared && !documentation && !benchmarks;
  }

  /// The domains that a name may be registered under, the shortest first; none where it is no
  /// registry's.
  static List<String> domains(String name) {
    String host = name.toLowerCase(Locale.ROOT).replaceFirst("\\.$", "");
    if (Endpoint.isAddressLiteral(host) || !host.matches("[a-z0-9_-]+(\\.[a-z0-9_-]+)+")) {
      return List.of();
    }
    List<String> labels = Arrays.asList(host.split("\\.", -1));
    if (PRIVATE.contains(labels.getLast())) {
      return List.of();
    }
    List<String> domains = new ArrayList<>();
    for (int n = 2; n <= Math.min(labels.size(), LONGEST); n++) {
      domains.add(String.join(".", labels.subList(labels.size() - n, labels.size())));
    }
    return domains;
  }
}
