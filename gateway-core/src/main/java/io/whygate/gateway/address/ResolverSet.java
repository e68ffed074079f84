package io.whygate.gateway.address;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SimpleResolver;

/// The configured resolvers, asked in order until one knows.
///
/// A resolver that is silent is not waited for: the next one is asked beside it, and all of them
/// once more, within the time that the whole question may take. One that fails (SERVFAIL, REFUSED,
/// a closed port) makes room for the next at once. Blocks: for virtual threads only.
final class ResolverSet {
  private static final int LEAST_TRIES = 3;
  private static final Executor VIRTUAL = task -> Thread.ofVirtual().name("dns").start(task);

  private final List<Resolver> resolvers;
  private final Duration timeout;

  private record Resolver(SimpleResolver extended, SimpleResolver plain) {}

  private record Event(int resolver, boolean extended, @Nullable Message answer) {}

  ResolverSet(List<InetSocketAddress> servers, Duration timeout) {
    this.timeout = timeout;
    this.resolvers =
        servers.stream()
            .map(each -> new Resolver(resolver(each, true), resolver(each, false)))
            .toList();
  }

  private SimpleResolver resolver(InetSocketAddress server, boolean extended) {
    SimpleResolver resolver = new SimpleResolver(server);
    resolver.setTimeout(timeout);
    if (!extended) {
      resolver.setEDNS(-1);
    }
    return resolver;
  }

  /// The answer that knows (NOERROR or NXDOMAIN); else the first that says why not; empty where
  /// nobody answered in time.
  Optional<Message> ask(Name name, int type) throws InterruptedException {
    Message query = Message.newQuery(Record.newRecord(name, type, DClass.IN));
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    BitSet done = new BitSet(resolvers.size());
    int tries = Math.max(LEAST_TRIES, 2 * resolvers.size());
    long step = timeout.toNanos() / tries;
    long now = System.nanoTime();
    long deadline = now + timeout.toNanos();
    long next = now;
    int sent = 0;
    Message failure = null;
    while (done.cardinality() < resolvers.size() && now - deadline < 0) {
      if (sent < tries && now - next >= 0) {
        int resolver = done.nextClearBit(sent % resolvers.size());
        send(query, resolver < resolvers.size() ? resolver : done.nextClearBit(0), true, events);
        sent++;
        next = now + step;
      }
      long wake = sent < tries ? next : deadline;
      Event event = events.poll(Math.max(0, wake - now), TimeUnit.NANOSECONDS);
      now = System.nanoTime();
      if (event == null) {
        continue;
      }
      Message answer = event.answer;
      if (answer != null && knows(answer)) {
        return Optional.of(answer);
      }
      if (answer != null && event.extended && dislikesExtension(answer)) {
        send(query, event.resolver, false, events);
        continue;
      }
      failure = failure == null ? answer : failure;
      done.set(event.resolver);
      next = now;
    }
    return Optional.ofNullable(failure);
  }

  private void send(Message query, int resolver, boolean extended, BlockingQueue<Event> events) {
    Resolver to = resolvers.get(resolver);
    (extended ? to.extended : to.plain)
        .sendAsync(query.clone(), VIRTUAL)
        .whenComplete((answer, _) -> events.add(new Event(resolver, extended, answer)));
  }

  private static boolean knows(Message answer) {
    return answer.getRcode() == Rcode.NOERROR || answer.getRcode() == Rcode.NXDOMAIN;
  }

  private static boolean dislikesExtension(Message answer) {
    return switch (answer.getRcode()) {
      case Rcode.FORMERR, Rcode.NOTIMP, Rcode.BADVERS -> true;
      default -> false;
    };
  }
}
