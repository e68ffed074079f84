package io.whygate.faults.dns;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/// An authoritative server's answers for its zones (RFC 1034 section 4.3.2); it refuses all else.
///
/// @param zones what it serves
public record Authority(List<Zone> zones) implements Role {
  private static final int LONGEST_CHAIN = 8;

  /// Copies the list.
  public Authority {
    zones = List.copyOf(zones);
  }

  @Override
  public Message answer(Message query) {
    Record question = query.getQuestion();
    Optional<Zone> zone = zoneOf(question.getName());
    if (zone.isEmpty()) {
      return Replies.withCode(query, Rcode.REFUSED);
    }
    List<Record> delegation = zone.get().delegation(question.getName());
    if (!delegation.isEmpty()) {
      return referral(query, zone.get(), delegation);
    }
    return authoritative(query, zone.get());
  }

  @Override
  public Message deny(Message query, int rcode) {
    Message reply = Replies.withCode(query, rcode);
    zoneOf(query.getQuestion().getName())
        .ifPresent(zone -> {
          reply.getHeader().setFlag(Flags.AA);
          reply.addRecord(zone.soa(), Section.AUTHORITY);
        });
    return reply;
  }

  private Message authoritative(Message query, Zone start) {
    Message reply = Replies.to(query);
    reply.getHeader().setFlag(Flags.AA);
    int type = query.getQuestion().getType();
    Name name = query.getQuestion().getName().canonicalize();
    Optional<Zone> zone = Optional.of(start);
    for (int link = 0; zone.isPresent() && link < LONGEST_CHAIN; link++) {
      List<Record> found = zone.get().find(name, type);
      List<Record> alias = zone.get().find(name, Type.CNAME);
      if (!found.isEmpty() || alias.isEmpty()) {
        found.forEach(record -> reply.addRecord(record, Section.ANSWER));
        if (found.isEmpty()) {
          reply.getHeader().setRcode(zone.get().exists(name) ? Rcode.NOERROR : Rcode.NXDOMAIN);
          reply.addRecord(zone.get().soa(), Section.AUTHORITY);
        }
        return reply;
      }
      reply.addRecord(alias.getFirst(), Section.ANSWER);
      name = ((CNAMERecord) alias.getFirst()).getTarget().canonicalize();
      zone = zoneOf(name);
    }
    return reply;
  }

  private static Message referral(Message query, Zone zone, List<Record> servers) {
    Message reply = Replies.to(query);
    for (Record server : servers) {
      reply.addRecord(server, Section.AUTHORITY);
      Name target = ((NSRecord) server).getTarget();
      zone.find(target, Type.A).forEach(glue -> reply.addRecord(glue, Section.ADDITIONAL));
      zone.find(target, Type.AAAA).forEach(glue -> reply.addRecord(glue, Section.ADDITIONAL));
    }
    return reply;
  }

  private Optional<Zone> zoneOf(Name name) {
    return zones.stream()
        .filter(zone -> name.subdomain(zone.origin()))
        .max(Comparator.comparingInt(zone -> zone.origin().labels()));
  }
}
