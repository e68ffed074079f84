package io.whygate.faults.dns;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/// Turns the bytes of a query into those of its answer, right or wrong.
final class Answerer {
  private static final byte[] GARBAGE = {0x47, 0x45, 0x54, 0x20, 0x2f};

  private final DnsServer server;

  Answerer(DnsServer server) {
    this.server = server;
  }

  /// The answer, or nothing where the server stays silent.
  Optional<byte[]> answer(byte[] bytes, boolean tcp) throws InterruptedException {
    if (bytes.length < 12) {
      return Optional.empty();
    }
    Message query;
    try {
      query = new Message(bytes);
    } catch (IOException e) {
      return Optional.of(Replies.formatError(bytes));
    }
    if (query.getHeader().getFlag(Flags.QR)) {
      return Optional.empty();
    }
    if (query.getHeader().getOpcode() != Opcode.QUERY) {
      return Optional.of(Replies.withCode(query, Rcode.NOTIMP).toWire());
    }
    if (query.getSection(Section.QUESTION).size() != 1) {
      return Optional.of(Replies.formatError(bytes));
    }
    Name name = query.getQuestion().getName().canonicalize();
    record(query, name, tcp);
    return answer(query, server.faultFor(name), tcp);
  }

  private Optional<byte[]> answer(Message query, @Nullable DnsFault fault, boolean tcp)
      throws InterruptedException {
    return switch (fault) {
      case null -> right(query, tcp);
      case DnsFault.NxDomain() -> sized(server.role().deny(query, Rcode.NXDOMAIN), query, tcp);
      case DnsFault.NoData() -> sized(server.role().deny(query, Rcode.NOERROR), query, tcp);
      case DnsFault.Fails(int rcode) -> sized(Replies.withCode(query, rcode), query, tcp);
      case DnsFault.FailsBecause(int rcode, int infoCode, String text) ->
          sized(Replies.note(Replies.withCode(query, rcode), infoCode, text), query, tcp);
      case DnsFault.AnswersWithNote(int infoCode, String text) ->
          sized(Replies.note(server.role().answer(query), infoCode, text), query, tcp);
      case DnsFault.FailsValidation(int infoCode) ->
          query.getHeader().getFlag(Flags.CD)
              ? right(query, tcp)
              : sized(
                  Replies.note(
                      Replies.withCode(query, Rcode.SERVFAIL),
                      infoCode,
                      ExtendedErrorCodeOption.text(infoCode)),
                  query,
                  tcp);
      case DnsFault.Silence() -> Optional.empty();
      case DnsFault.Truncation(boolean tcpAnswers) -> {
        if (tcp) {
          yield tcpAnswers ? right(query, true) : Optional.empty();
        }
        Message reply = Replies.to(query);
        reply.getHeader().setFlag(Flags.TC);
        yield sized(reply, query, false);
      }
      case DnsFault.Lame() -> sized(Replies.to(query), query, tcp);
      case DnsFault.Delay(Duration time) -> {
        Thread.sleep(time);
        yield right(query, tcp);
      }
      case DnsFault.Garbage() -> Optional.of(GARBAGE.clone());
    };
  }

  private Optional<byte[]> right(Message query, boolean tcp) {
    return sized(server.role().answer(query), query, tcp);
  }

  private static Optional<byte[]> sized(Message reply, Message query, boolean tcp) {
    return Optional.of(reply.toWire(tcp ? Message.MAXLENGTH : Replies.limit(query)));
  }

  private void record(Message query, Name name, boolean tcp) {
    server.asked(
        new DnsQuery(
            name.toString(),
            Type.string(query.getQuestion().getType()),
            tcp,
            query.getHeader().getFlag(Flags.RD),
            query.getHeader().getFlag(Flags.CD),
            query.getOPT() != null,
            Instant.now()));
  }
}
