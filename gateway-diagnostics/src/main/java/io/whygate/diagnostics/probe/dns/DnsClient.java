package io.whygate.diagnostics.probe.dns;

import io.whygate.diagnostics.probe.Deadline;
import io.whygate.diagnostics.probe.DnsAnswer;
import io.whygate.diagnostics.probe.DnsAnswer.Outcome;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;

/// Asks one DNS server one question: over UDP, and over TCP where the answer was cut short.
///
/// It blocks until the deadline. A connected UDP socket tells a closed port at once, by its ICMP
/// error.
final class DnsClient {
  private static final int PAYLOAD_BYTES = 1232;
  private static final Duration RESEND = Duration.ofMillis(120);
  private static final int LONGEST_CHAIN = 12;

  /// What a question asks for besides its name and type.
  record Question(Name name, int type, boolean recursion, boolean checkingDisabled) {}

  /// A message that came back, or why none did.
  record Reply(Outcome outcome, Optional<Message> message) {
    static Reply none(Outcome outcome) {
      return new Reply(outcome, Optional.empty());
    }
  }

  private DnsClient() {}

  static Reply ask(InetSocketAddress server, Question question, Deadline deadline) {
    Message query = query(question);
    byte[] wire = query.toWire();
    try (var socket = new DatagramSocket()) {
      socket.connect(server);
      byte[] buffer = new byte[PAYLOAD_BYTES];
      do {
        socket.send(new DatagramPacket(wire, wire.length));
        Optional<Message> reply = receive(socket, buffer, query, deadline.orIn(RESEND));
        if (reply.isPresent()) {
          return reply.get().getHeader().getFlag(Flags.TC)
              ? overTcp(server, query, wire, deadline)
              : new Reply(Outcome.ANSWERED, reply);
        }
      } while (!deadline.hasPassed());
      return Reply.none(Outcome.SILENT);
    } catch (PortUnreachableException e) {
      return Reply.none(Outcome.PORT_CLOSED);
    } catch (SocketException e) {
      return Reply.none(Outcome.UNREACHABLE);
    } catch (IOException e) {
      return Reply.none(Outcome.MALFORMED);
    }
  }

  private static Message query(Question question) {
    Message query = Message.newQuery(Record.newRecord(question.name(), question.type(), DClass.IN));
    if (!question.recursion()) {
      query.getHeader().unsetFlag(Flags.RD);
    }
    if (question.checkingDisabled()) {
      query.getHeader().setFlag(Flags.CD);
    }
    query.addRecord(new OPTRecord(PAYLOAD_BYTES, 0, 0), Section.ADDITIONAL);
    return query;
  }

  private static Optional<Message> receive(
      DatagramSocket socket, byte[] buffer, Message query, Deadline until) throws IOException {
    while (!until.hasPassed()) {
      socket.setSoTimeout(until.remainingMillis());
      var packet = new DatagramPacket(buffer, buffer.length);
      try {
        socket.receive(packet);
      } catch (SocketTimeoutException e) {
        return Optional.empty();
      }
      Message reply = new Message(Arrays.copyOf(buffer, packet.getLength()));
      if (isReplyTo(query, reply)) {
        return Optional.of(reply);
      }
    }
    return Optional.empty();
  }

  private static boolean isReplyTo(Message query, Message reply) {
    return reply.getHeader().getFlag(Flags.QR)
        && reply.getHeader().getID() == query.getHeader().getID()
        && (reply.getQuestion() == null || reply.getQuestion().equals(query.getQuestion()));
  }

  private static Reply overTcp(
      InetSocketAddress server, Message query, byte[] wire, Deadline deadline) {
    try (var socket = new Socket()) {
      socket.connect(server, deadline.remainingMillis());
      socket.setSoTimeout(deadline.remainingMillis());
      var out = new DataOutputStream(socket.getOutputStream());
      byte[] framed = new byte[wire.length + 2];
      framed[0] = (byte) (wire.length >>> 8);
      framed[1] = (byte) wire.length;
      System.arraycopy(wire, 0, framed, 2, wire.length);
      out.write(framed);
      var in = new DataInputStream(socket.getInputStream());
      Message reply = new Message(in.readNBytes(in.readUnsignedShort()));
      return isReplyTo(query, reply)
          ? new Reply(Outcome.ANSWERED, Optional.of(reply))
          : Reply.none(Outcome.MALFORMED);
    } catch (SocketTimeoutException e) {
      return Reply.none(Outcome.SILENT);
    } catch (SocketException e) {
      return Reply.none(Outcome.PORT_CLOSED);
    } catch (IOException e) {
      return Reply.none(Outcome.MALFORMED);
    }
  }

  /// Reads a reply about the addresses of `name`.
  static DnsAnswer addresses(Name name, int type, Reply reply) {
    if (reply.message().isEmpty()) {
      return DnsAnswer.none(reply.outcome());
    }
    Message message = reply.message().get();
    List<Record> records = message.getSection(Section.ANSWER);
    var aliases = new LinkedHashSet<String>();
    var addresses = new ArrayList<InetAddress>();
    long ttl = Long.MAX_VALUE;
    Name owner = name;
    for (int hop = 0; hop < LONGEST_CHAIN; hop++) {
      Optional<CNAMERecord> alias = aliasOf(records, owner);
      if (alias.isEmpty()) {
        break;
      }
      ttl = Math.min(ttl, alias.get().getTTL());
      owner = alias.get().getTarget();
      aliases.add(text(owner));
    }
    for (Record record : records) {
      if (record.getType() == type && record.getName().equals(owner)) {
        address(record).ifPresent(addresses::add);
        ttl = Math.min(ttl, record.getTTL());
      }
    }
    if (addresses.isEmpty()) {
      ttl = Math.min(ttl, negativeTtl(message));
    }
    return new DnsAnswer(
        Outcome.ANSWERED,
        Rcode.string(message.getRcode()),
        message.getHeader().getFlag(Flags.AA),
        List.copyOf(aliases),
        addresses,
        ttl == Long.MAX_VALUE ? -1 : ttl,
        infoCode(message));
  }

  private static Optional<CNAMERecord> aliasOf(List<Record> records, Name owner) {
    for (Record record : records) {
      if (record instanceof CNAMERecord alias && alias.getName().equals(owner)) {
        return Optional.of(alias);
      }
    }
    return Optional.empty();
  }

  private static Optional<InetAddress> address(Record record) {
    return switch (record) {
      case ARecord a -> Optional.of(a.getAddress());
      case AAAARecord aaaa when aaaa.getAddress() instanceof Inet6Address v6 -> Optional.of(v6);
      default -> Optional.empty();
    };
  }

  private static long negativeTtl(Message message) {
    for (Record record : message.getSection(Section.AUTHORITY)) {
      if (record instanceof SOARecord soa) {
        return Math.min(soa.getTTL(), soa.getMinimum());
      }
    }
    return Long.MAX_VALUE;
  }

  private static int infoCode(Message message) {
    OPTRecord opt = message.getOPT();
    if (opt == null) {
      return -1;
    }
    for (EDNSOption option : opt.getOptions()) {
      if (option instanceof ExtendedErrorCodeOption extended) {
        return extended.getErrorCode();
      }
    }
    return -1;
  }

  /// The name without its last dot, in lower case.
  static String text(Name name) {
    return name.toString(true).toLowerCase(Locale.ROOT);
  }
}
