package io.whygate.diagnostics.verdict.rules;

import io.whygate.diagnostics.facts.AttemptFailure.NameNotResolved;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.NamingProblem;
import io.whygate.diagnostics.memory.Identity;
import io.whygate.diagnostics.memory.Identity.Likeness;
import io.whygate.diagnostics.memory.Recollection.NameMemory;
import io.whygate.diagnostics.probe.Finding.Asked;
import io.whygate.diagnostics.probe.Finding.Dialled;
import io.whygate.diagnostics.probe.Finding.Dialled.Purpose;
import io.whygate.diagnostics.probe.Finding.Handshaken;
import io.whygate.diagnostics.probe.Finding.Looked;
import io.whygate.diagnostics.probe.Finding.Looked.Role;
import io.whygate.diagnostics.probe.Finding.Versioned;
import io.whygate.diagnostics.verdict.CaseFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/// Where the name's own servers say that the site is now, against where it was tried, and whether
/// what answers there is the same site.
///
/// @param said what the name's own servers say, or, where they could not be asked, what the
///   resolvers say now; empty where it is that there is no address
/// @param byOwnServers whether the name's own servers said it
/// @param contradicts whether it contradicts the address in use
/// @param proven the addresses at which the same site answers
/// @param unproven why the others did not prove themselves; empty where nothing is to be said
record NewHome(
    List<InetAddress> said,
    boolean byOwnServers,
    boolean contradicts,
    List<InetAddress> proven,
    String unproven) {
  private static final Duration OUT_OF_TURN = Duration.ofHours(1);

  static NewHome of(CaseFile file) {
    Set<InetAddress> own = new LinkedHashSet<>();
    boolean spoke = false;
    List<InetSocketAddress> behind = behind(file);
    for (Looked looked : file.looked(Role.AUTHORITATIVE).toList()) {
      if (isAuthority(looked) && !behind.contains(looked.server())) {
        own.addAll(looked.addresses());
        spoke |= endsHere(looked);
      }
    }
    Set<InetAddress> resolved = new LinkedHashSet<>();
    file.looked(Role.RESOLVER).forEach(looked -> resolved.addAll(looked.addresses()));
    Set<InetAddress> said = spoke ? own : resolved;
    boolean contradicts = contradicts(file, said, spoke) && !takesTurns(file);
    List<InetAddress> proven =
        contradicts ? said.stream().filter(a -> isProven(file, a)).toList() : List.of();
    return new NewHome(
        List.copyOf(said),
        spoke,
        contradicts,
        proven,
        contradicts && proven.isEmpty() ? unproven(file, said) : "");
  }

  /// The name servers that have not heard of the last change of the zone: what they say counts no
  /// more than what a cache remembers.
  static List<InetSocketAddress> behind(CaseFile file) {
    List<Versioned> versions = file.findings(Versioned.class).toList();
    return versions.stream()
        .filter(one ->
            versions.stream()
                .anyMatch(other -> other.zone().equals(one.zone()) && one.isBehind(other.serial())))
        .map(Versioned::server)
        .toList();
  }

  private static boolean isAuthority(Looked looked) {
    return looked.ipv4().authoritative() || looked.ipv6().authoritative();
  }

  /// Whether an answer tells the end of the chain: addresses, or that there are none; an alias into
  /// another zone tells neither.
  private static boolean endsHere(Looked looked) {
    return !looked.addresses().isEmpty()
        || (looked.ipv4().isAnswered() && looked.ipv4().aliases().isEmpty());
  }

  /// The address in use is contradicted when it is not among those said; for a name that had none,
  /// when there is one.
  private static boolean contradicts(CaseFile file, Set<InetAddress> said, boolean byOwnServers) {
    if (file.address().isEmpty()) {
      return byOwnServers && !said.isEmpty() && isToldToBeMissing(file);
    }
    InetAddress used = file.address().get();
    if (said.contains(used) || isSplitHorizon(used, said)) {
      return false;
    }
    return byOwnServers || !said.isEmpty();
  }

  /// Whether the name is balanced by answers that take turns: then an answer without the address in
  /// use says nothing, unless that address has not been given for a long time.
  private static boolean takesTurns(CaseFile file) {
    Optional<NameMemory> name = file.memory().habits().name();
    Map<InetSocketAddress, Set<InetAddress>> answers = new HashMap<>();
    boolean turns = name.filter(NameMemory::takesTurns).isPresent();
    for (Looked looked : file.looked(Role.AUTHORITATIVE).toList()) {
      if (isAuthority(looked) && !looked.addresses().isEmpty()) {
        Set<InetAddress> answer = Set.copyOf(looked.addresses());
        Set<InetAddress> before = answers.putIfAbsent(looked.server(), answer);
        turns |= before != null && !before.equals(answer) && isSameName(file, looked);
      }
    }
    return turns
        && name.flatMap(
                known -> file.address().flatMap(a -> Optional.ofNullable(known.seen().get(a))))
            .map(at -> at.isAfter(file.exchange().at().minus(OUT_OF_TURN)))
            .orElse(true);
  }

  private static boolean isSameName(CaseFile file, Looked looked) {
    return file.endpoint().filter(e -> e.host().equals(looked.name())).isPresent();
  }

  /// How long the answers hold that give the proven addresses, seconds.
  OptionalLong provenSeconds(CaseFile file) {
    return Stream.concat(file.looked(Role.AUTHORITATIVE), file.looked(Role.RESOLVER))
        .filter(looked -> looked.addresses().stream().anyMatch(proven::contains))
        .mapToLong(looked -> looked.better().ttlSeconds())
        .filter(ttl -> ttl >= 0)
        .min();
  }

  private static boolean isToldToBeMissing(CaseFile file) {
    return file.failure(NameNotResolved.class)
        .map(NameNotResolved::problem)
        .filter(NamingProblem::isDefinite)
        .isPresent();
  }

  /// A private address inside, a public one outside: two views of one name, and no move.
  private static boolean isSplitHorizon(InetAddress used, Set<InetAddress> said) {
    return used.isSiteLocalAddress() && said.stream().noneMatch(InetAddress::isSiteLocalAddress);
  }

  private static boolean isProven(CaseFile file, InetAddress address) {
    if (!accepts(file, address)) {
      return false;
    }
    if (file.endpoint().filter(Endpoint::isTls).isPresent() && file.facts().verifiesTls()) {
      return handshake(file, address)
          .filter(h -> Chain.of(h.chain(), file, Instant.now()).isAccepted())
          .isPresent();
    }
    return answer(file, address)
        .filter(answer -> likeness(file, answer) != Likeness.DIFFERENT)
        .isPresent();
  }

  private static boolean accepts(CaseFile file, InetAddress address) {
    return file.dialled(Purpose.NEW_ADDRESS)
        .anyMatch(d ->
            d.outcome() == Dialled.DialOutcome.ACCEPTED && address.equals(d.target().getAddress()));
  }

  private static Optional<Handshaken> handshake(CaseFile file, InetAddress address) {
    return file.findings(Handshaken.class)
        .filter(h -> h.isComplete() && address.equals(h.target().getAddress()))
        .findFirst();
  }

  private static Optional<Asked> answer(CaseFile file, InetAddress address) {
    return file.findings(Asked.class)
        .filter(a -> a.isAnswered() && address.equals(a.target().getAddress()))
        .findFirst();
  }

  private static Likeness likeness(CaseFile file, Asked answer) {
    return file.memory().likeness(marks(answer));
  }

  /// The marks that an answer shows.
  static Identity marks(Asked answer) {
    return Identity.of(answer.field("server").orElse(""), answer.body())
        .with(
            Map.of(
                Identity.POWERED_BY,
                answer.field("x-powered-by").orElse(""),
                Identity.ETAG,
                Identity.etagShape(answer.field("etag").orElse("")),
                Identity.COOKIES,
                Identity.cookieName(answer.field("set-cookie").orElse("")),
                Identity.STRICT_TRANSPORT,
                answer.field("strict-transport-security").isPresent() ? "yes" : ""));
  }

  private static String unproven(CaseFile file, Set<InetAddress> said) {
    if (said.isEmpty()) {
      return "there is no new address";
    }
    if (said.stream().noneMatch(a -> accepts(file, a))) {
      return "the new address did not accept a connection within the time";
    }
    if (file.endpoint().filter(Endpoint::isTls).isPresent()) {
      return "the new address did not prove its name by a certificate";
    }
    return said.stream().anyMatch(a -> answer(file, a).isPresent())
        ? "what answers at the new address is not the same site"
        : "the new address did not answer within the time";
  }
}
