package io.whygate.diagnostics.verdict.rules;

import static io.whygate.diagnostics.verdict.Cause.DNS_DANGLING_ALIAS;
import static io.whygate.diagnostics.verdict.Cause.DNS_DRIFT;
import static io.whygate.diagnostics.verdict.Cause.DNS_LAME_DELEGATION;
import static io.whygate.diagnostics.verdict.Cause.DNS_NAME_NOT_FOUND;
import static io.whygate.diagnostics.verdict.Cause.DNS_NO_ADDRESS;
import static io.whygate.diagnostics.verdict.Cause.DNS_RECYCLED_ADDRESS;
import static io.whygate.diagnostics.verdict.Cause.DNS_REFUSED;
import static io.whygate.diagnostics.verdict.Cause.DNS_RESOLVERS_DISAGREE;
import static io.whygate.diagnostics.verdict.Cause.DNS_SERVER_FAILURE;
import static io.whygate.diagnostics.verdict.Cause.DNS_SINKHOLED;
import static io.whygate.diagnostics.verdict.Cause.DNS_TIMEOUT;
import static io.whygate.diagnostics.verdict.Cause.DNS_VALIDATION_FAILED;

import io.whygate.diagnostics.facts.AttemptFailure.NameNotResolved;
import io.whygate.diagnostics.facts.AttemptFailure.TimedOut;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.ExchangeFailure.AttemptsExhausted;
import io.whygate.diagnostics.facts.NamingProblem;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.memory.Identity;
import io.whygate.diagnostics.memory.Identity.Likeness;
import io.whygate.diagnostics.memory.Recollection.NameMemory;
import io.whygate.diagnostics.probe.DnsAnswer;
import io.whygate.diagnostics.probe.Finding.Asked;
import io.whygate.diagnostics.probe.Finding.Dialled.Purpose;
import io.whygate.diagnostics.probe.Finding.Looked;
import io.whygate.diagnostics.probe.Finding.Looked.Role;
import io.whygate.diagnostics.probe.FindingWords;
import io.whygate.diagnostics.verdict.CaseFile;
import io.whygate.diagnostics.verdict.Opinion;
import io.whygate.diagnostics.verdict.VerdictRule;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The way from the name to the address: broken, contradicted by the name's own servers, or
/// answered with an address that cannot be meant.
public final class DnsRules implements VerdictRule {
  private static final Set<Integer> VALIDATION_ERRORS = Set.of(1, 2, 5, 6, 7, 8, 9, 10, 11, 12);
  private static final Set<Integer> FILTERED = Set.of(4, 15, 16, 17, 18);

  @Override
  public List<Opinion> judge(CaseFile file) {
    if (!(file.exchange().failure() instanceof AttemptsExhausted)
        || file.endpoint()
            .filter(e -> !e.isUnix() && !Endpoint.isAddressLiteral(e.host()))
            .isEmpty()) {
      return List.of();
    }
    var opinions = new ArrayList<Opinion>();
    opinions.addAll(moved(file));
    sinkholed(file).ifPresent(opinions::add);
    resolversDisagree(file).ifPresent(opinions::add);
    namingProblem(file).ifPresent(problem -> opinions.add(unresolved(file, problem)));
    return opinions;
  }

  private static Optional<NamingProblem> namingProblem(CaseFile file) {
    boolean timedOut =
        file.failure(TimedOut.class).filter(t -> t.phase() == Phase.RESOLVE).isPresent();
    return timedOut
        ? Optional.of(NamingProblem.TIMEOUT)
        : file.failure(NameNotResolved.class).map(NameNotResolved::problem);
  }

  /// The name's own servers contradict the address in use.
  private static List<Opinion> moved(CaseFile file) {
    NewHome home = NewHome.of(file);
    if (!home.contradicts()) {
      return List.of();
    }
    Optional<String> stranger = strangerAtOldAddress(file);
    Map<String, String> parameters = new HashMap<>(file.parameters());
    Stream.concat(home.proven().stream(), home.said().stream())
        .findFirst()
        .ifPresent(a -> parameters.put("new-address", a.getHostAddress()));
    oldAnswerTtl(file).ifPresent(ttl -> parameters.put("ttl", Long.toString(ttl)));
    Instant gone = goneEverywhere(file);
    parameters.put("expires-at", gone.toString());
    String said = home.byOwnServers() ? "The name's own servers say " : "The resolvers now say ";
    String where =
        home.said().isEmpty()
            ? "that there is no address"
            : home.said().stream()
                .map(InetAddress::getHostAddress)
                .collect(Collectors.joining(", "));
    String old =
        file.address()
            .map(a -> ", not " + a.getHostAddress() + ", which was in use")
            .orElse(", while a resolver still says that there is none");
    String proof =
        (home.proven().isEmpty() ? "; " + home.unproven() : "; the same site answers there")
            + ". The old answer has run out everywhere by "
            + gone
            + "."
            + lagging(file);
    if (stranger.isPresent()) {
      return List.of(
          Opinion.holds(
              DNS_RECYCLED_ADDRESS,
              home.byOwnServers() ? 0.93 : 0.6,
              said + where + old + proof + " " + stranger.get(),
              parameters));
    }
    double confidence =
        home.byOwnServers()
            ? home.proven().isEmpty() ? 0.85 : 0.97
            : home.proven().isEmpty() ? 0.4 : 0.75;
    return List.of(Opinion.holds(DNS_DRIFT, confidence, said + where + old + proof, parameters));
  }

  private static String lagging(CaseFile file) {
    List<InetSocketAddress> behind = NewHome.behind(file);
    return behind.isEmpty()
        ? ""
        : " Of the name's own servers "
            + behind.stream().map(FindingWords::address).collect(Collectors.joining(", "))
            + " still has an older version of the zone.";
  }

  /// What shows that somebody else answers at the old address.
  private static Optional<String> strangerAtOldAddress(CaseFile file) {
    List<X509Certificate> shown = Chain.shown(file);
    if (!shown.isEmpty()) {
      Chain chain = Chain.of(shown, file, Instant.now());
      if (!chain.nameMatches()) {
        return Optional.of(
            "What answers at the old address shows a certificate of "
                + String.join(", ", chain.names())
                + ".");
      }
      return Optional.empty();
    }
    return file.findings(Asked.class)
        .filter(asked -> asked.purpose() == Purpose.SAME && asked.isAnswered())
        .filter(a -> file.memory().likeness(NewHome.marks(a)) == Likeness.DIFFERENT)
        .findFirst()
        .map(_ -> "What answers at the old address does not bear the remembered marks.");
  }

  /// How long a resolver still remembers the old answer, seconds.
  private static OptionalLong oldAnswerTtl(CaseFile file) {
    return file.looked(Role.RESOLVER)
        .filter(looked -> looked.addresses().stream().noneMatch(a -> !file.wasTried(a)))
        .mapToLong(looked -> looked.better().ttlSeconds())
        .filter(ttl -> ttl >= 0)
        .max();
  }

  /// When the old answer has run out everywhere: at every resolver that was asked, and, for those
  /// that others ask, the zone's own time to live from now on.
  private static Instant goneEverywhere(CaseFile file) {
    long zone =
        file.looked(Role.AUTHORITATIVE)
            .mapToLong(looked -> looked.better().ttlSeconds())
            .max()
            .orElse(0);
    long seen = file.memory().habits().name().map(NameMemory::longestTtlSeconds).orElse(0L);
    long seconds = Math.max(oldAnswerTtl(file).orElse(0), Math.max(zone, seen));
    return file.exchange().at().plusSeconds(Math.max(0, seconds)).truncatedTo(ChronoUnit.SECONDS);
  }

  /// Whether somebody else answers at the address in use, which the name's own servers do not give.
  public static Optional<Opinion> recycled(CaseFile file) {
    return moved(file).stream().filter(each -> each.cause() == DNS_RECYCLED_ADDRESS).findFirst();
  }

  /// Whether the name's own servers, asked just now, give the address in use, or others in turns.
  public static boolean agrees(CaseFile file) {
    NewHome home = NewHome.of(file);
    return home.byOwnServers() && !home.contradicts();
  }

  /// Whether the name's own servers contradict the address in use.
  public static boolean contradicts(CaseFile file) {
    NewHome home = NewHome.of(file);
    return home.byOwnServers() && home.contradicts();
  }

  /// The marks of what answers a request for the start page at the address in use.
  public static Optional<Identity> marksInUse(CaseFile file) {
    return file.findings(Asked.class)
        .filter(asked -> asked.purpose() == Purpose.SAME && asked.isAnswered())
        .map(NewHome::marks)
        .findFirst();
  }

  private static Optional<Opinion> sinkholed(CaseFile file) {
    List<InetAddress> used = file.address().map(List::of).orElseGet(() -> resolved(file));
    Optional<InetAddress> odd = used.stream().filter(DnsRules::isNobodys).findFirst();
    boolean filtered =
        file.looked(Role.RESOLVER).anyMatch(l -> FILTERED.contains(l.better().infoCode()));
    if (odd.isEmpty() && !(filtered && used.stream().anyMatch(InetAddress::isLoopbackAddress))) {
      odd = used.stream().filter(a -> isUnmeantLoopback(file, a)).findFirst();
      if (odd.isEmpty()) {
        return Optional.empty();
      }
    }
    String address =
        odd.or(() -> used.stream().findFirst()).map(InetAddress::getHostAddress).orElse("");
    return Optional.of(
        Opinion.holds(
            DNS_SINKHOLED,
            0.9,
            "The name resolves to "
                + address
                + ", where no site can be"
                + (filtered ? "; the resolver says that it filters the name." : "."),
            file.parameters("address", address)));
  }

  private static List<InetAddress> resolved(CaseFile file) {
    return file.looked(Role.RESOLVER).flatMap(l -> l.addresses().stream()).distinct().toList();
  }

  /// Addresses at which no site can be: unspecified, or set aside for documents (RFC 5737, 3849).
  static boolean isNobodys(InetAddress address) {
    byte[] b = address.getAddress();
    if (address.isAnyLocalAddress()) {
      return true;
    }
    if (b.length == 16) {
      return b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0d && b[3] == (byte) 0xb8;
    }
    return startsWith(b, 192, 0, 2) || startsWith(b, 198, 51, 100) || startsWith(b, 203, 0, 113);
  }

  private static boolean startsWith(byte[] bytes, int first, int second, int third) {
    return (bytes[0] & 0xFF) == first && (bytes[1] & 0xFF) == second && (bytes[2] & 0xFF) == third;
  }

  /// A loopback address that the name's own servers do not give, or of a site that was elsewhere.
  private static boolean isUnmeantLoopback(CaseFile file, InetAddress address) {
    if (!address.isLoopbackAddress()) {
      return false;
    }
    List<InetAddress> own =
        file.looked(Role.AUTHORITATIVE).flatMap(l -> l.addresses().stream()).toList();
    return wasElsewhere(file)
        || (!own.isEmpty() && own.stream().noneMatch(InetAddress::isLoopbackAddress));
  }

  private static boolean wasElsewhere(CaseFile file) {
    return file.memory()
        .habits()
        .name()
        .filter(known -> known.seen().keySet().stream().anyMatch(a -> !a.isLoopbackAddress()))
        .isPresent();
  }

  private static Optional<Opinion> resolversDisagree(CaseFile file) {
    boolean ownServersSpoke =
        file.looked(Role.AUTHORITATIVE)
            .anyMatch(l -> l.ipv4().authoritative() || l.ipv6().authoritative());
    List<Looked> answers = file.looked(Role.RESOLVER).filter(Looked::isAnswered).toList();
    if (ownServersSpoke || answers.size() < 2) {
      return Optional.empty();
    }
    boolean disjoint =
        answers.stream()
            .anyMatch(a ->
                answers.stream()
                    .anyMatch(b ->
                        !b.addresses().isEmpty()
                            && a.addresses().stream().noneMatch(b.addresses()::contains)));
    if (!disjoint) {
      return Optional.empty();
    }
    String told =
        answers.stream()
            .map(l -> FindingWords.address(l.server()) + " says " + l.better().describe())
            .collect(Collectors.joining("; "));
    return Optional.of(
        Opinion.holds(
            DNS_RESOLVERS_DISAGREE,
            0.8,
            "The resolvers give different answers, and the name's own servers could not be asked: "
                + told
                + ".",
            file.parameters("answers", told)));
  }

  private static Opinion unresolved(CaseFile file, NamingProblem problem) {
    return switch (problem) {
      case NAME_NOT_FOUND -> notFound(file);
      case NO_ADDRESS -> noAddress(file);
      case SERVER_FAILURE -> serverFailure(file);
      case REFUSED ->
          Opinion.holds(
              DNS_REFUSED,
              0.95,
              "The resolver refuses to answer for this name.",
              withResolver(file, "REFUSED"));
      case TIMEOUT -> timeout(file);
      case OTHER -> other(file);
    };
  }

  /// A code of another kind, such as FORMERR or NOTIMP: the resolver did not do what it is for.
  private static Opinion other(CaseFile file) {
    String code = file.failure(NameNotResolved.class).map(NameNotResolved::rcode).orElse("");
    return code.isEmpty()
        ? Opinion.doubts(DNS_SERVER_FAILURE, 0.4, "The resolver's answer could not be understood.")
        : Opinion.holds(
            DNS_SERVER_FAILURE,
            0.75,
            "The resolver answers " + code + ": it did not look for the name.",
            withResolver(file, code));
  }

  private static Map<String, String> withResolver(CaseFile file, String rcode) {
    String resolver =
        file.looked(Role.RESOLVER)
            .findFirst()
            .map(looked -> looked.server().getAddress().getHostAddress())
            .orElse("");
    return file.parameters("resolver", resolver, "rcode", rcode);
  }

  private static Opinion notFound(CaseFile file) {
    Optional<String> gone = aliasOf(file);
    if (gone.isPresent()) {
      return Opinion.holds(
          DNS_DANGLING_ALIAS,
          0.95,
          "The name is an alias of " + gone.get() + ", which does not exist.",
          file.parameters("target", gone.get()));
    }
    boolean confirmed =
        file.looked(Role.AUTHORITATIVE)
            .anyMatch(l -> l.ipv4().authoritative() && l.ipv4().hasRcode("NXDOMAIN"));
    return Opinion.holds(
        DNS_NAME_NOT_FOUND,
        confirmed ? 0.98 : 0.85,
        confirmed
            ? "The name does not exist: its zone's own servers say so."
            : "The name does not exist, as the resolver says.",
        withResolver(file, "NXDOMAIN"));
  }

  private static Optional<String> aliasOf(CaseFile file) {
    return Stream.concat(file.looked(Role.RESOLVER), file.looked(Role.AUTHORITATIVE))
        .map(looked -> looked.ipv4())
        .filter(answer -> answer.hasRcode("NXDOMAIN") && !answer.aliases().isEmpty())
        .map(answer -> answer.aliases().getLast())
        .findFirst();
  }

  private static Opinion noAddress(CaseFile file) {
    return Opinion.holds(
        DNS_NO_ADDRESS,
        0.95,
        circle(file)
            .map(names -> "The name is an alias that leads round in a circle: " + names + ".")
            .orElse("The name exists, and has neither an A nor an AAAA record."),
        withResolver(file, "NOERROR"));
  }

  private static Opinion serverFailure(CaseFile file) {
    Optional<Looked> unchecked =
        file.looked(Role.UNCHECKED).filter(l -> !l.ipv4().addresses().isEmpty()).findFirst();
    Optional<Integer> infoCode =
        file.looked(Role.RESOLVER)
            .flatMap(l -> Stream.of(l.ipv4(), l.ipv6()))
            .map(DnsAnswer::infoCode)
            .filter(code -> code >= 0)
            .findFirst()
            .or(() ->
                file.failure(NameNotResolved.class)
                    .map(NameNotResolved::infoCode)
                    .filter(code -> code >= 0));
    boolean bogus = infoCode.filter(VALIDATION_ERRORS::contains).isPresent();
    if (unchecked.isPresent() || bogus) {
      return Opinion.holds(
          DNS_VALIDATION_FAILED,
          unchecked.isPresent() ? 0.95 : 0.8,
          "The resolver refuses the zone's signatures"
              + (unchecked.isPresent() ? ": with checking disabled it gives an answer" : "")
              + infoCode.map(code -> "; extended error " + code).orElse("")
              + ".",
          withResolver(file, "SERVFAIL"));
    }
    Optional<String> circle = circle(file);
    if (circle.isPresent()) {
      return Opinion.holds(
          DNS_SERVER_FAILURE,
          0.95,
          "The name is an alias that leads round in a circle: " + circle.get() + ".",
          withResolver(file, "SERVFAIL"));
    }
    return lame(file)
        .orElseGet(() ->
            Opinion.holds(
                DNS_SERVER_FAILURE,
                0.9,
                "The resolver could not get an answer"
                    + infoCode.map(code -> " (extended error " + code + ")").orElse("")
                    + ownServers(file),
                withResolver(file, "SERVFAIL")));
  }

  /// The name servers that the zone names do not answer for it: all of those that said anything.
  private static Optional<Opinion> lame(CaseFile file) {
    List<Looked> own = file.looked(Role.AUTHORITATIVE).toList();
    List<Looked> spoke = own.stream().filter(l -> l.ipv4().isAnswered()).toList();
    if (spoke.isEmpty() || spoke.stream().anyMatch(l -> l.ipv4().authoritative())) {
      return Optional.empty();
    }
    String told =
        spoke.stream()
            .map(l -> FindingWords.address(l.server()) + " says " + l.ipv4().rcode())
            .collect(Collectors.joining("; "));
    return Optional.of(
        Opinion.holds(
            DNS_LAME_DELEGATION,
            0.93,
            "The name servers that the zone names do not answer for it: " + told + ".",
            file.parameters("servers", told)));
  }

  /// A chain of aliases that comes back to a name it has been through.
  private static Optional<String> circle(CaseFile file) {
    return Stream.concat(file.looked(Role.RESOLVER), file.looked(Role.AUTHORITATIVE))
        .filter(looked -> looked.ipv4().aliases().contains(looked.name()))
        .map(looked -> looked.name() + " → " + String.join(" → ", looked.ipv4().aliases()))
        .findFirst();
  }

  private static String ownServers(CaseFile file) {
    List<Looked> own = file.looked(Role.AUTHORITATIVE).toList();
    if (own.isEmpty()) {
      return "; the name's own servers could not be asked.";
    }
    long silent = own.stream().filter(l -> !l.isAnswered()).count();
    return silent == own.size()
        ? "; none of the name's own servers answers."
        : "; " + (own.size() - silent) + " of the name's own servers answer.";
  }

  private static Opinion timeout(CaseFile file) {
    boolean alive = file.looked(Role.CONTROL).anyMatch(Looked::isAnswered);
    if (!alive) {
      String how =
          file.looked(Role.RESOLVER)
              .map(l -> FindingWords.address(l.server()) + " is " + l.ipv4().describe())
              .collect(Collectors.joining("; "));
      return Opinion.holds(
          DNS_TIMEOUT,
          0.95,
          "No resolver answers, not even for a name that every resolver knows"
              + (how.isEmpty() ? "." : ": " + how + "."),
          withResolver(file, ""));
    }
    List<Looked> own = file.looked(Role.AUTHORITATIVE).toList();
    boolean silent = !own.isEmpty() && own.stream().noneMatch(Looked::isAnswered);
    return lame(file)
        .orElseGet(() ->
            silent
                ? Opinion.holds(
                    DNS_SERVER_FAILURE,
                    0.7,
                    "The resolver is alive, and gets no answer from the name's own servers, "
                        + "which are silent.",
                    withResolver(file, ""))
                : Opinion.holds(
                    DNS_TIMEOUT,
                    0.7,
                    "No resolver answered for this name in time.",
                    withResolver(file, "")));
  }
}
