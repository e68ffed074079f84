package io.whygate.gateway.address;

import io.whygate.diagnostics.verdict.Remedy;
import io.whygate.gateway.config.Settings.DnsSettings;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// All names that are in use, and what they stand for.
///
/// Answers are kept for their true time to live within the configured bounds, refreshed ahead of
/// its end while they are used, and used beyond it while they cannot be refreshed (RFC 8767).
/// Look-ups run on virtual threads; every method returns at once and may be called on any thread.
public final class AddressBook implements AutoCloseable {
  private static final Path HOSTS = Path.of("/etc/hosts");

  private final Map<String, KnownName> names = new ConcurrentHashMap<>();
  private final HostsFile hosts;
  private final LongSupplier nanos;
  private final ScheduledThreadPoolExecutor scheduler;
  private volatile NameLookup lookup;
  private volatile Answers answers = (_, _, _) -> {};

  /// A book that asks the configured resolvers after the system's hosts file.
  public AddressBook(DnsSettings settings) {
    this(settings, HOSTS, System::nanoTime);
  }

  AddressBook(DnsSettings settings, Path hostsFile, LongSupplier nanos) {
    this.hosts = new HostsFile(hostsFile);
    this.lookup = new NameLookup(settings, hosts);
    this.nanos = nanos;
    this.scheduler =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("address-refresh").factory());
    scheduler.setRemoveOnCancelPolicy(true);
    scheduler.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /// The entry of a host name or address literal: always the same object for the same name.
  public KnownName name(String host) {
    KnownName known = names.get(host);
    return known != null ? known : names.computeIfAbsent(normal(host), this::open);
  }

  private KnownName open(String host) {
    try {
      List<InetAddress> literal = List.of(InetAddress.ofLiteral(host));
      return KnownName.fixed(host, literal, Origin.LITERAL, this, nanos);
    } catch (IllegalArgumentException _) {
      if (host.equals("localhost") || host.endsWith(".localhost")) {
        List<InetAddress> loopback =
            List.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("::1"));
        return KnownName.fixed(host, loopback, Origin.LOCALHOST, this, nanos);
      }
      return new KnownName(host, this, nanos);
    }
  }

  /// Makes a name stand for other addresses, for a while or until DNS goes on from what it gave.
  public void override(String host, List<InetAddress> addresses, Duration time) {
    if (addresses.isEmpty()) {
      throw new IllegalArgumentException("addresses: none (expected: at least one)");
    }
    name(host).override(addresses, time);
  }

  /// Sends requests to where a site is now, until the resolvers know it too, or know better.
  public void heal(Remedy remedy) {
    String host = remedy.endpoint().host();
    override(host, remedy.addresses(), Duration.ofSeconds(remedy.ttlSeconds()));
    name(host).refresh();
  }

  /// Calls a listener with each answer of DNS, on the thread of the look-up.
  public void onAnswer(Answers listener) {
    answers = listener;
  }

  /// Hears what DNS says.
  @FunctionalInterface
  public interface Answers {
    /// A resolver gave a name these addresses.
    void resolved(String name, List<InetAddress> addresses, long ttlSeconds);
  }

  void answered(String name, Finding.Found found) {
    if (found.origin() == Origin.DNS) {
      answers.resolved(name, found.addresses(), found.ttl().toSeconds());
    }
  }

  /// Works by other settings from now on; names in use are looked up anew where the resolvers
  /// changed. What is known stays until then.
  public void apply(DnsSettings settings) {
    DnsSettings before = lookup.settings();
    if (before.equals(settings)) {
      return;
    }
    lookup = new NameLookup(settings, hosts);
    if (!before.servers().equals(settings.servers())) {
      names.values().forEach(KnownName::refresh);
    }
  }

  /// What is held of a name; empty before its first look-up.
  public Optional<AddressEntry> entry(String host) {
    KnownName known = names.get(normal(host));
    return known == null ? Optional.empty() : known.entry();
  }

  /// What is held of every name, by name.
  public List<AddressEntry> entries() {
    return names.values().stream()
        .flatMap(each -> each.entry().stream())
        .sorted(Comparator.comparing(AddressEntry::name))
        .toList();
  }

  NameLookup lookup() {
    return lookup;
  }

  @Nullable Future<?> refreshLater(KnownName name, long delayNanos) {
    try {
      return scheduler.schedule(name::refresh, delayNanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException _) {
      return null; // the book was closed
    }
  }

  private static String normal(String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }

  /// Stops refreshing.
  @Override
  public void close() {
    scheduler.shutdownNow();
  }
}
