package io.whygate.faults.dns;

import java.util.List;
import org.xbill.DNS.DClass;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TextParseException;

/// The beginnings and endings that all answers share.
final class Replies {
  private static final int PAYLOAD = 1232;

  private Replies() {}

  /// An empty answer to a query, with its question.
  static Message to(Message query) {
    var reply = new Message(query.getHeader().getID());
    reply.getHeader().setFlag(Flags.QR);
    reply.getHeader().setOpcode(query.getHeader().getOpcode());
    copyFlag(query, reply, Flags.RD);
    copyFlag(query, reply, Flags.CD);
    Record question = query.getQuestion();
    if (question != null) {
      reply.addRecord(question, Section.QUESTION);
    }
    if (query.getOPT() != null) {
      reply.addRecord(new OPTRecord(PAYLOAD, 0, 0), Section.ADDITIONAL);
    }
    return reply;
  }

  static Message withCode(Message query, int rcode) {
    Message reply = to(query);
    reply.getHeader().setRcode(rcode);
    return reply;
  }

  /// Adds an extended error, if the client speaks EDNS (RFC 8914 section 3).
  static Message note(Message reply, int infoCode, String text) {
    OPTRecord opt = reply.getOPT();
    if (opt == null) {
      return reply;
    }
    EDNSOption option =
        text.isEmpty()
            ? new ExtendedErrorCodeOption(infoCode)
            : new ExtendedErrorCodeOption(infoCode, text);
    reply.removeRecord(opt, Section.ADDITIONAL);
    reply.addRecord(new OPTRecord(PAYLOAD, 0, 0, 0, List.of(option)), Section.ADDITIONAL);
    return reply;
  }

  /// How many bytes the client takes by UDP.
  static int limit(Message query) {
    OPTRecord opt = query.getOPT();
    return opt == null ? 512 : Math.max(512, opt.getPayloadSize());
  }

  /// The bytes of a header that says FORMERR to something whose identifier could be read.
  static byte[] formatError(byte[] query) {
    var reply = new Message((query[0] & 0xff) << 8 | (query[1] & 0xff));
    reply.getHeader().setFlag(Flags.QR);
    reply.getHeader().setRcode(Rcode.FORMERR);
    return reply.toWire();
  }

  /// The same record with another time to live.
  static Record withTtl(Record record, long ttl) {
    return Record.newRecord(
        record.getName(), record.getType(), DClass.IN, ttl, record.rdataToWireCanonical());
  }

  static Name name(String text) {
    try {
      return Name.fromString(text, Name.root).canonicalize();
    } catch (TextParseException e) {
      throw new IllegalArgumentException("name: " + text + " (expected: a DNS name)", e);
    }
  }

  private static void copyFlag(Message from, Message to, int flag) {
    if (from.getHeader().getFlag(flag)) {
      to.getHeader().setFlag(flag);
    }
  }
}
