package io.whygate.gateway.address;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.NamingProblem;
import io.whygate.gateway.config.Settings.DnsSettings;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.NameTooLongException;
import org.xbill.DNS.ResolverConfig;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/// Looks a name up: the hosts file first, then the resolvers for both families at once.
///
/// Blocks: for virtual threads only.
final class NameLookup {
  /// How long one family's addresses wait for the other's (RFC 8305 section 3, Resolution Delay).
  private static final Duration RESOLUTION_DELAY = Duration.ofMillis(50);

  /// How long an answer holds of which a family is missing since nobody spoke for it.
  private static final Duration HALF_ANSWER = Duration.ofSeconds(5);

  private static final Duration HOSTS_FILE = Duration.ofSeconds(5);
  private static final int MOST_ALIASES = 8;

  private final DnsSettings settings;
  private final HostsFile hosts;
  private final ResolverSet resolvers;
  private final List<Name> searchPath;

  NameLookup(DnsSettings settings, HostsFile hosts) {
    this.settings = settings;
    this.hosts = hosts;
    this.resolvers = new ResolverSet(settings.servers(), settings.timeout());
    ResolverConfig system = ResolverConfig.getCurrentConfig();
    this.searchPath = settings.servers().equals(system.servers()) ? system.searchPath() : List.of();
  }

  DnsSettings settings() {
    return settings;
  }

  /// What the name stands for. A name of one label that does not exist is tried under the system's
  /// search path too, where the system's resolvers are in use.
  Finding find(String host) throws InterruptedException {
    List<InetAddress> local = hosts.find(host);
    if (!local.isEmpty()) {
      return new Finding.Found(local, Origin.HOSTS_FILE, List.of(), HOSTS_FILE);
    }
    Name name;
    try {
      name = Name.fromString(host, Name.root);
    } catch (TextParseException _) {
      return missing(host, FamilyAnswer.UNUSABLE);
    }
    Finding finding = ask(host, name);
    if (host.indexOf('.') >= 0) {
      return finding;
    }
    for (Name domain : searchPath) {
      if (!(finding instanceof Finding.Missing(var failure, _))
          || failure.problem() != NamingProblem.NAME_NOT_FOUND) {
        return finding;
      }
      try {
        finding = ask(host, Name.concatenate(name.relativize(Name.root), domain));
      } catch (NameTooLongException _) {
        return finding;
      }
    }
    return finding;
  }

  private Finding ask(String host, Name name) throws InterruptedException {
    CompletableFuture<FamilyAnswer> six = start(name, Type.AAAA);
    CompletableFuture<FamilyAnswer> four = start(name, Type.A);
    try {
      CompletableFuture.anyOf(six, four).get();
      FamilyAnswer first = (four.isDone() ? four : six).get();
      CompletableFuture<FamilyAnswer> later = four.isDone() ? six : four;
      return join(host, first, first.addresses().isEmpty() ? later.get() : soon(later));
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    }
  }

  private Finding join(String host, FamilyAnswer one, FamilyAnswer other) {
    List<InetAddress> addresses = new ArrayList<>(one.addresses());
    addresses.addAll(other.addresses());
    if (addresses.isEmpty()) {
      return missing(host, tellsMore(one, other));
    }
    FamilyAnswer named = one.addresses().isEmpty() ? other : one;
    long ttl = named.ttl();
    if (!one.addresses().isEmpty() && !other.addresses().isEmpty()) {
      ttl = Math.min(one.ttl(), other.ttl());
    } else if (one.isSilent() || other.isSilent()) {
      ttl = Math.min(ttl, HALF_ANSWER.toSeconds());
    }
    Duration bounded = Duration.ofSeconds(ttl);
    bounded = bounded.compareTo(settings.minTtl()) < 0 ? settings.minTtl() : bounded;
    bounded = bounded.compareTo(settings.maxTtl()) > 0 ? settings.maxTtl() : bounded;
    return new Finding.Found(addresses, Origin.DNS, named.aliases(), bounded);
  }

  /// Of two answers without an address: that the name does not exist is sure; then comes a failure
  /// that somebody told, then silence, then that this family alone is missing.
  private static FamilyAnswer tellsMore(FamilyAnswer one, FamilyAnswer other) {
    return rank(other) < rank(one) ? other : one;
  }

  private static int rank(FamilyAnswer answer) {
    return switch (answer.problem()) {
      case NAME_NOT_FOUND -> 0;
      case SERVER_FAILURE -> 1;
      case REFUSED -> 2;
      case OTHER -> 3;
      case TIMEOUT -> 4;
      case NO_ADDRESS -> 5;
    };
  }

  private static Finding missing(String host, FamilyAnswer answer) {
    return new Finding.Missing(
        new AttemptFailure.NameNotResolved(
            host, answer.problem(), answer.rcode(), answer.infoCode()),
        answer.problem().isDefinite());
  }

  private static FamilyAnswer soon(CompletableFuture<FamilyAnswer> answer)
      throws InterruptedException, ExecutionException {
    try {
      return answer.get(RESOLUTION_DELAY.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException _) {
      return FamilyAnswer.SILENT;
    }
  }

  private CompletableFuture<FamilyAnswer> start(Name name, int type) {
    CompletableFuture<FamilyAnswer> result = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("dns " + Type.string(type))
        .start(() -> {
          try {
            result.complete(follow(name, type));
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            result.complete(FamilyAnswer.SILENT);
          } catch (RuntimeException e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  private FamilyAnswer follow(Name name, int type) throws InterruptedException {
    FamilyAnswer answer = once(name, type);
    for (int i = 0; i < MOST_ALIASES; i++) {
      if (answer.onward().isEmpty()) {
        return answer;
      }
      answer = once(answer.onward().get(), type).after(answer);
    }
    return FamilyAnswer.UNUSABLE;
  }

  private FamilyAnswer once(Name name, int type) throws InterruptedException {
    Message message = resolvers.ask(name, type).orElse(null);
    return message == null ? FamilyAnswer.SILENT : FamilyAnswer.read(name, type, message);
  }
}
