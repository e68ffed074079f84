package io.whygate.faults.dns;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Type;

/// The records of a zone, which may change at any time; each change raises the SOA's serial.
/// Thread-safe.
///
/// Names are relative to the zone, `@` is the zone itself, and a final dot makes them absolute.
/// Times to live are in seconds.
public final class Zone {
  private static final long HOUR = 3600;

  private final Name origin;
  private final List<Record> records = new ArrayList<>();
  private long serial = 1;
  private long negativeTtl = 60;

  private Zone(Name origin) {
    this.origin = origin;
  }

  /// An empty zone, for instance `demo.test`.
  public static Zone of(String name) {
    return new Zone(Replies.name(name));
  }

  public Name origin() {
    return origin;
  }

  /// Adds a name server of the zone, with its address where its name lies within the zone.
  public synchronized Zone ns(String server, String... addresses) {
    add(new NSRecord(origin, DClass.IN, HOUR, absolute(server)));
    return address(server, HOUR, addresses);
  }

  /// Delegates a name to servers, with their addresses as glue.
  public synchronized Zone delegate(String child, String server, String... addresses) {
    add(new NSRecord(absolute(child), DClass.IN, HOUR, absolute(server)));
    return address(server, HOUR, addresses);
  }

  /// Gives a name these addresses, IPv4 and IPv6, in place of all it had.
  public synchronized Zone address(String name, long ttl, String... literals) {
    Name owner = absolute(name);
    removeAll(owner, Type.A, Type.AAAA, Type.CNAME);
    for (String literal : literals) {
      InetAddress address = InetAddress.ofLiteral(literal);
      add(
          address instanceof Inet4Address
              ? new ARecord(owner, DClass.IN, ttl, address)
              : new AAAARecord(owner, DClass.IN, ttl, address));
    }
    return this;
  }

  /// Makes a name an alias of another, in place of all it had.
  public synchronized Zone alias(String name, long ttl, String target) {
    Name owner = absolute(name);
    removeAll(owner, Type.A, Type.AAAA, Type.CNAME);
    add(new CNAMERecord(owner, DClass.IN, ttl, absolute(target)));
    return this;
  }

  /// Adds any record.
  public synchronized Zone record(Record record) {
    add(record);
    return this;
  }

  /// Removes a name with all its records.
  public synchronized Zone remove(String name) {
    Name owner = absolute(name);
    records.removeIf(record -> record.getName().equals(owner));
    serial++;
    return this;
  }

  /// How long a resolver may remember that a name or a type is not there (SOA minimum).
  public synchronized Zone negativeTtl(long seconds) {
    negativeTtl = seconds;
    serial++;
    return this;
  }

  /// The addresses that a name has now, as literals.
  public synchronized List<String> addresses(String name) {
    Name owner = absolute(name);
    List<String> literals = new ArrayList<>();
    find(owner, Type.A)
        .forEach(record -> literals.add(((ARecord) record).getAddress().getHostAddress()));
    find(owner, Type.AAAA)
        .forEach(record -> literals.add(((AAAARecord) record).getAddress().getHostAddress()));
    return literals;
  }

  public synchronized long serial() {
    return serial;
  }

  synchronized SOARecord soa() {
    List<Record> servers = find(origin, Type.NS);
    Name primary = servers.isEmpty() ? origin : ((NSRecord) servers.getFirst()).getTarget();
    return new SOARecord(
        origin,
        DClass.IN,
        negativeTtl,
        primary,
        absolute("hostmaster"),
        serial,
        HOUR,
        HOUR,
        HOUR,
        negativeTtl);
  }

  synchronized List<Record> find(Name name, int type) {
    if (type == Type.SOA && name.equals(origin)) {
      return List.of(soa());
    }
    return records.stream()
        .filter(record -> record.getType() == type && record.getName().equals(name))
        .toList();
  }

  /// Whether the name has records, or names below it have (an empty non-terminal, RFC 8020).
  synchronized boolean exists(Name name) {
    return name.equals(origin)
        || records.stream().anyMatch(record -> record.getName().subdomain(name));
  }

  /// The name servers that this zone delegates the name, or one above it, to.
  synchronized List<Record> delegation(Name name) {
    for (Name cut = name; cut.subdomain(origin) && !cut.equals(origin); cut = new Name(cut, 1)) {
      List<Record> servers = find(cut, Type.NS);
      if (!servers.isEmpty()) {
        return servers;
      }
    }
    return List.of();
  }

  private Name absolute(String name) {
    if (name.equals("@")) {
      return origin;
    }
    return Replies.name(name.endsWith(".") ? name : name + "." + origin);
  }

  private void add(Record record) {
    records.add(record);
    serial++;
  }

  private void removeAll(Name owner, int... types) {
    records.removeIf(record ->
        record.getName().equals(owner)
            && Arrays.stream(types).anyMatch(type -> type == record.getType()));
  }
}
