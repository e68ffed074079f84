package io.whygate.gateway.connection.dial;

import io.whygate.gateway.address.Origin;
import io.whygate.gateway.upstream.AddressMemory;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;

/// In which order an endpoint's addresses are tried.
final class AddressOrder {
  private AddressOrder() {}

  /// The addresses by RFC 8305 section 4: the families take turns, IPv6 first (but for `localhost`,
  /// where programs mostly listen on IPv4); within a family each dial begins at another address, so
  /// that equal ones share the load. Those that failed lately come last.
  static List<InetAddress> of(
      List<InetAddress> addresses,
      Origin origin,
      Collection<InetAddress> excluded,
      AddressMemory memory) {
    if (addresses.size() == 1) {
      return excluded.contains(addresses.getFirst()) ? List.of() : addresses;
    }
    List<InetAddress> good = new ArrayList<>(addresses.size());
    List<InetAddress> bad = new ArrayList<>();
    for (InetAddress each : addresses) {
      if (!excluded.contains(each)) {
        (memory.hasFailed(each) ? bad : good).add(each);
      }
    }
    int turn = memory.nextTurn();
    boolean local = origin == Origin.LOCALHOST;
    List<InetAddress> ordered = alternate(good, local, turn);
    ordered.addAll(alternate(bad, local, turn));
    return ordered;
  }

  /// The addresses without those of a family to which the gateway's own system knows no way, unless
  /// it knows none to any: a host without IPv6 does not try it (RFC 6724 section 5, rule 1).
  ///
  /// @param isWay whether the system knows a way to an address
  static List<InetAddress> withAWay(List<InetAddress> addresses, Predicate<InetAddress> isWay) {
    boolean six = addresses.stream().anyMatch(Inet6Address.class::isInstance);
    boolean four = addresses.stream().anyMatch(each -> !(each instanceof Inet6Address));
    if (!six || !four) {
      return addresses;
    }
    boolean sixHasAWay =
        addresses.stream().anyMatch(a -> a instanceof Inet6Address && isWay.test(a));
    boolean fourHasAWay =
        addresses.stream().anyMatch(a -> !(a instanceof Inet6Address) && isWay.test(a));
    return sixHasAWay == fourHasAWay
        ? addresses
        : addresses.stream().filter(a -> a instanceof Inet6Address == sixHasAWay).toList();
  }

  private static List<InetAddress> alternate(
      List<InetAddress> addresses, boolean fourFirst, int turn) {
    List<InetAddress> six = new ArrayList<>();
    List<InetAddress> four = new ArrayList<>();
    for (InetAddress each : addresses) {
      (each instanceof Inet6Address ? six : four).add(each);
    }
    List<InetAddress> first = fourFirst ? four : six;
    List<InetAddress> second = fourFirst ? six : four;
    List<InetAddress> ordered = new ArrayList<>(addresses.size());
    for (int i = 0; i < Math.max(first.size(), second.size()); i++) {
      if (i < first.size()) {
        ordered.add(first.get((i + turn) % first.size()));
      }
      if (i < second.size()) {
        ordered.add(second.get((i + turn) % second.size()));
      }
    }
    return ordered;
  }
}
