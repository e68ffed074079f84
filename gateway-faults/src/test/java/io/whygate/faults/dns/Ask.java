package io.whygate.faults.dns;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.xbill.DNS.DClass;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/// Questions to a server, as a stub resolver puts them.
final class Ask {
  private Ask() {}

  static Message of(DnsServer server, String name, int type) throws IOException {
    return of(server, name, type, false, false);
  }

  static Message of(DnsServer server, String name, int type, boolean tcp, boolean noCheck)
      throws IOException {
    return of(server, name, type, tcp, noCheck, Duration.ofSeconds(5));
  }

  /// Asks where no answer is expected, with little patience.
  static Message briefly(DnsServer server, String name, int type, boolean tcp) throws IOException {
    return of(server, name, type, tcp, false, Duration.ofMillis(300));
  }

  private static Message of(
      DnsServer server, String name, int type, boolean tcp, boolean noCheck, Duration timeout)
      throws IOException {
    var resolver = new SimpleResolver(server.address());
    resolver.setTimeout(timeout);
    resolver.setTCP(tcp);
    resolver.setIgnoreTruncation(true);
    Message query = Message.newQuery(Record.newRecord(Replies.name(name), type, DClass.IN));
    if (noCheck) {
      query.getHeader().setFlag(Flags.CD);
    }
    return resolver.send(query);
  }

  /// The data of the answer section, `A 127.0.0.1` and the like.
  static List<String> answers(Message message) {
    return message.getSection(Section.ANSWER).stream()
        .map(record -> Type.string(record.getType()) + " " + record.rdataToString())
        .toList();
  }

  static long ttl(Message message) {
    return message.getSection(Section.ANSWER).getFirst().getTTL();
  }

  static List<Integer> extendedErrors(Message message) {
    return message.getOPT().getOptions(EDNSOption.Code.EDNS_EXTENDED_ERROR).stream()
        .map(option -> ((ExtendedErrorCodeOption) option).getErrorCode())
        .toList();
  }
}
