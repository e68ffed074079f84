package io.whygate.gateway.address;

import io.whygate.diagnostics.facts.NamingProblem;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/// What resolvers said of a name's addresses of one family.
///
/// @param addresses empty where there are none
/// @param aliases the names that the answer went through (CNAME)
/// @param ttl of the shortest-lived record that was used, seconds
/// @param problem why there are none; meaningless where there are some
/// @param rcode the response code as a mnemonic; empty where no answer came
/// @param infoCode the Extended DNS Error (RFC 8914), or -1
/// @param onward the name to go on with, where the answer ends in an alias that it does not follow
record FamilyAnswer(
    List<InetAddress> addresses,
    List<String> aliases,
    long ttl,
    NamingProblem problem,
    String rcode,
    int infoCode,
    Optional<Name> onward) {
  /// What is left of a family nobody answered for.
  static final FamilyAnswer SILENT =
      new FamilyAnswer(List.of(), List.of(), 0, NamingProblem.TIMEOUT, "", -1, Optional.empty());

  /// What is left of a name that DNS cannot carry, or of aliases that do not end.
  static final FamilyAnswer UNUSABLE =
      new FamilyAnswer(List.of(), List.of(), 0, NamingProblem.OTHER, "", -1, Optional.empty());

  /// Whether nobody answered.
  boolean isSilent() {
    return addresses.isEmpty() && problem == NamingProblem.TIMEOUT;
  }

  /// Reads a resolver's answer about the name.
  static FamilyAnswer read(Name asked, int type, Message message) {
    List<InetAddress> addresses = new ArrayList<>();
    List<String> aliases = new ArrayList<>();
    List<Record> answer = message.getSection(Section.ANSWER);
    long ttl = Long.MAX_VALUE;
    Name name = asked;
    Optional<CNAMERecord> alias = alias(answer, name);
    while (alias.isPresent() && aliases.size() < answer.size()) {
      ttl = Math.min(ttl, alias.get().getTTL());
      name = alias.get().getTarget();
      aliases.add(name.toString(true));
      alias = alias(answer, name);
    }
    for (Record record : answer) {
      if (record.getType() == type && record.getName().equals(name)) {
        ttl = Math.min(ttl, record.getTTL());
        addresses.add(address(record));
      }
    }
    boolean followed = aliases.isEmpty() || !message.getSection(Section.AUTHORITY).isEmpty();
    boolean ends = !addresses.isEmpty() || message.getRcode() != Rcode.NOERROR || followed;
    return new FamilyAnswer(
        addresses,
        aliases,
        ttl,
        problem(message.getRcode()),
        Rcode.string(message.getRcode()),
        infoCode(message),
        ends ? Optional.empty() : Optional.of(name));
  }

  /// This answer with the aliases and the time to live of the answer that led to it.
  FamilyAnswer after(FamilyAnswer earlier) {
    List<String> all = new ArrayList<>(earlier.aliases);
    all.addAll(aliases);
    return new FamilyAnswer(
        addresses, all, Math.min(ttl, earlier.ttl), problem, rcode, infoCode, onward);
  }

  private static Optional<CNAMERecord> alias(List<Record> answer, Name name) {
    for (Record record : answer) {
      if (record instanceof CNAMERecord alias && alias.getName().equals(name)) {
        return Optional.of(alias);
      }
    }
    return Optional.empty();
  }

  private static InetAddress address(Record record) {
    return switch (record) {
      case ARecord a -> a.getAddress();
      case AAAARecord aaaa -> aaaa.getAddress();
      default -> throw new AssertionError(record);
    };
  }

  private static NamingProblem problem(int rcode) {
    return switch (rcode) {
      case Rcode.NOERROR -> NamingProblem.NO_ADDRESS;
      case Rcode.NXDOMAIN -> NamingProblem.NAME_NOT_FOUND;
      case Rcode.SERVFAIL -> NamingProblem.SERVER_FAILURE;
      case Rcode.REFUSED -> NamingProblem.REFUSED;
      default -> NamingProblem.OTHER;
    };
  }

  private static int infoCode(Message message) {
    OPTRecord extension = message.getOPT();
    if (extension == null) {
      return -1;
    }
    for (EDNSOption option : extension.getOptions(EDNSOption.Code.EDNS_EXTENDED_ERROR)) {
      if (option instanceof ExtendedErrorCodeOption error) {
        return error.getErrorCode();
      }
    }
    return -1;
  }
}
