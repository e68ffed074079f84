package io.whygate.faults.dns;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/// A resolver that asks the authorities it was told of and remembers their answers for real: times
/// to live run down, and a no is remembered as long as the SOA's minimum says (RFC 2308). It
/// refuses names of no zone it knows. Thread-safe.
public final class CachingResolver implements Role {
  private static final int LONGEST_CHAIN = 8;
  private static final long STALE_TTL = 30;

  private final Map<Name, List<InetSocketAddress>> authorities = new ConcurrentHashMap<>();
  private final Map<Key, Remembered> cache = new ConcurrentHashMap<>();
  private final AuthorityClient client;
  private volatile boolean servesStale;

  /// A resolver that knows no zone yet.
  ///
  /// @param timeout how long it waits for each authority
  public CachingResolver(Duration timeout) {
    client = new AuthorityClient(timeout);
  }

  /// Tells it who serves a zone.
  public CachingResolver forward(String zone, InetSocketAddress... servers) {
    authorities.put(Replies.name(zone), List.of(servers));
    return this;
  }

  /// Lets it answer from what has run out while the authorities fail (RFC 8767).
  public CachingResolver serveStale(boolean serves) {
    servesStale = serves;
    return this;
  }

  /// Forgets all it remembers.
  public void flush() {
    cache.clear();
  }

  /// Forgets a name.
  public void flush(String name) {
    Name owner = Replies.name(name);
    cache.keySet().removeIf(key -> key.name().equals(owner));
  }

  /// Looks up the IPv4 and IPv6 addresses of a name now, so that they are remembered.
  public void remember(String name) {
    Name owner = Replies.name(name);
    answer(question(new Key(owner, Type.A)));
    answer(question(new Key(owner, Type.AAAA)));
  }

  @Override
  public Message answer(Message query) {
    Message reply = Replies.to(query);
    reply.getHeader().setFlag(Flags.RA);
    Name name = query.getQuestion().getName().canonicalize();
    int type = query.getQuestion().getType();
    for (int link = 0; link < LONGEST_CHAIN; link++) {
      if (serversOf(name).isEmpty()) {
        reply.getHeader().setRcode(link == 0 ? Rcode.REFUSED : Rcode.SERVFAIL);
        return reply;
      }
      Optional<Name> next = addLink(reply, new Key(name, type));
      if (next.isEmpty()) {
        return reply;
      }
      name = next.get();
    }
    reply.getHeader().setRcode(Rcode.SERVFAIL);
    return reply;
  }

  @Override
  public Message deny(Message query, int rcode) {
    Message reply = Replies.withCode(query, rcode);
    reply.getHeader().setFlag(Flags.RA);
    return reply;
  }

  /// Adds what is known of one name; the name it is an alias of, where the answer ends there.
  private Optional<Name> addLink(Message reply, Key key) {
    Remembered known = cache.get(key);
    long now = System.nanoTime();
    if (known == null || known.ttl(now) <= 0) {
      Optional<Message> fresh = client.ask(serversOf(key.name()), question(key));
      if (fresh.isPresent()) {
        known = Remembered.of(fresh.get(), now);
        cache.put(key, known);
      } else if (known == null || !servesStale) {
        reply.getHeader().setRcode(Rcode.SERVFAIL);
        Replies.note(reply, ExtendedErrorCodeOption.NO_REACHABLE_AUTHORITY, "");
        return Optional.empty();
      } else {
        Replies.note(reply, ExtendedErrorCodeOption.STALE_ANSWER, "");
      }
    }
    return add(reply, known, key.type(), Math.max(0, known.ttl(now)));
  }

  private static Optional<Name> add(Message reply, Remembered known, int type, long left) {
    long ttl = left == 0 ? STALE_TTL : left;
    reply.getHeader().setRcode(known.message().getRcode());
    Optional<Name> target = Optional.empty();
    for (Record record : known.message().getSection(Section.ANSWER)) {
      reply.addRecord(Replies.withTtl(record, ttl), Section.ANSWER);
      target =
          record instanceof CNAMERecord alias && type != Type.CNAME
              ? Optional.of(alias.getTarget().canonicalize())
              : Optional.empty();
    }
    if (known.isNo()) {
      known.message().getSection(Section.AUTHORITY).stream()
          .filter(record -> record.getType() == Type.SOA)
          .forEach(soa -> reply.addRecord(Replies.withTtl(soa, ttl), Section.AUTHORITY));
      return Optional.empty();
    }
    return target;
  }

  private List<InetSocketAddress> serversOf(Name name) {
    return authorities.entrySet().stream()
        .filter(zone -> name.subdomain(zone.getKey()))
        .max(Comparator.comparingInt(zone -> zone.getKey().labels()))
        .map(Map.Entry::getValue)
        .orElse(List.of());
  }

  private static Message question(Key key) {
    Message query = Message.newQuery(Record.newRecord(key.name(), key.type(), DClass.IN));
    query.getHeader().unsetFlag(Flags.RD);
    return query;
  }

  private record Key(Name name, int type) {}
}
