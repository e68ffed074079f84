package io.whygate.gateway.replay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.ResponseProblem;
import io.whygate.diagnostics.facts.Symptom;
import io.whygate.diagnostics.facts.WireFacts.Spot;
import io.whygate.gateway.http.ContentReader;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.HeadLimits;
import io.whygate.gateway.http.MessageHead;
import io.whygate.gateway.http.ResponseHead;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import javax.net.ssl.SSLHandshakeException;

/// Reads an answer as strictly as the gateway does, and knows at each moment how far it has come.
final class AnswerReader {
  private final Line line;
  private final Duration limit;
  private final boolean answersHead;
  private final ResponseHead head;
  private final ContentReader content;
  private final byte[] buffer = new byte[16 * 1024];
  private long received;
  private long headBytes;
  private boolean headRead;

  AnswerReader(Line line, Duration limit, HeadLimits limits, boolean answersHead) {
    this.line = line;
    this.limit = limit;
    this.answersHead = answersHead;
    this.head = new ResponseHead(limits);
    this.content = new ContentReader(limits);
    head.answering(answersHead);
  }

  /// Waits for the first bytes; they are read by [#readOn].
  ByteBuf first() throws Breaking {
    return next(Phase.AWAIT_RESPONSE);
  }

  /// Reads the answer to its end.
  Ending.Answered readOn(ByteBuf first) throws Breaking {
    ByteBuf in = first;
    while (true) {
      if (!headRead && !readHead(in)) {
        in = next(Phase.READ_RESPONSE);
        continue;
      }
      if (readContent(in)) {
        String reason = head.fields().text(head.reasonStart(), head.reasonEnd());
        return new Ending.Answered(head.status(), reason, headBytes, content.total());
      }
      in = nextOfContent();
      if (!in.isReadable()) {
        String reason = head.fields().text(head.reasonStart(), head.reasonEnd());
        return new Ending.Answered(head.status(), reason, headBytes, content.total());
      }
    }
  }

  private boolean readHead(ByteBuf in) throws Breaking {
    while (in.isReadable()) {
      MessageHead.Progress progress = head.read(in);
      if (progress == MessageHead.Progress.BAD) {
        throw badHead();
      }
      headBytes = received - in.readableBytes();
      if (progress == MessageHead.Progress.MORE) {
        return false;
      }
      if (!head.isInformational()) {
        headRead = true;
        content.begin(head.framing(), head.contentLength());
        return true;
      }
      head.reset();
      head.answering(answersHead);
    }
    return false;
  }

  private Breaking badHead() {
    int at = head.offset();
    String where = at < 0 ? "" : ", at byte " + at + " of the head";
    Spot spot = Spot.NONE;
    if (at >= 0) {
      int taken = head.fields().filled();
      int from = Math.max(0, at - Spot.BESIDE);
      int to = Math.min(taken, at + Spot.BESIDE);
      spot = at < to ? new Spot(at, head.fields().text(from, to), at - from) : Spot.NONE;
    }
    Symptom symptom =
        head.problem() == ResponseProblem.CUT_SHORT ? Symptom.TRUNCATED : Symptom.MALFORMED;
    return new Breaking(Phase.READ_RESPONSE, symptom, head.detail() + where, spot, true);
  }

  /// True at the end of the content.
  private boolean readContent(ByteBuf in) throws Breaking {
    boolean excess = head.framing() == Framing.LENGTH && in.readableBytes() > content.remaining();
    if (excess) {
      int index = in.readerIndex() + (int) content.remaining();
      long over = content.total() + content.remaining();
      throw new Breaking(
          Phase.READ_RESPONSE,
          Symptom.MALFORMED,
          "more bytes than Content-Length said, from byte " + over + " of the body",
          spot(in, index),
          false);
    }
    long before = received - headBytes - in.readableBytes();
    int start = in.readerIndex();
    ContentReader.Progress progress = content.read(in, ByteBuf::release);
    if (progress == ContentReader.Progress.BAD) {
      int index = Math.max(start, in.readerIndex() - 1);
      throw new Breaking(
          Phase.READ_RESPONSE,
          Symptom.MALFORMED,
          content.problem() + ", at byte " + (before + index - start) + " of the body",
          spot(in, index),
          false);
    }
    return progress == ContentReader.Progress.DONE;
  }

  private Spot spot(ByteBuf in, int index) {
    int from = Math.max(0, index - Spot.BESIDE);
    int to = Math.min(in.writerIndex(), index + Spot.BESIDE);
    return index >= to
        ? Spot.NONE
        : new Spot(
            received - (in.writerIndex() - index),
            in.toString(from, to - from, StandardCharsets.ISO_8859_1),
            index - from);
  }

  private ByteBuf next(Phase phase) throws Breaking {
    ByteBuf in = read(phase);
    if (!in.isReadable()) {
      throw lost(phase, "closed");
    }
    return in;
  }

  /// More of the content; nothing where its end is that of the connection.
  private ByteBuf nextOfContent() throws Breaking {
    ByteBuf in = read(Phase.READ_RESPONSE);
    if (!in.isReadable() && !content.mayEndNow()) {
      throw lost(Phase.READ_RESPONSE, "closed");
    }
    return in;
  }

  private ByteBuf read(Phase phase) throws Breaking {
    try {
      int n = line.read(buffer, limit);
      if (n < 0) {
        return Unpooled.EMPTY_BUFFER;
      }
      received += n;
      return Unpooled.wrappedBuffer(buffer, 0, n);
    } catch (SocketTimeoutException _) {
      throw new Breaking(
          phase,
          Symptom.RESPONSE_TIMEOUT,
          "nothing for " + limit.toMillis() + " ms" + place(phase));
    } catch (SSLHandshakeException e) {
      throw refused(e);
    } catch (IOException e) {
      throw lost(phase, String.valueOf(e.getMessage()).contains("reset") ? "reset" : "closed");
    }
  }

  /// Since TLS 1.3 a server judges the client's certificate when the client has ended its
  /// handshake.
  static Breaking refused(SSLHandshakeException why) {
    return new Breaking(Phase.TLS_HANDSHAKE, Symptom.TLS_FAILED, TlsGreeting.words(why));
  }

  private Breaking lost(Phase phase, String how) {
    Symptom symptom =
        phase == Phase.READ_RESPONSE
            ? Symptom.TRUNCATED
            : how.equals("reset") ? Symptom.RESET : Symptom.CLOSED;
    return new Breaking(phase, symptom, how + " by the server" + place(phase));
  }

  private String place(Phase phase) {
    if (phase == Phase.AWAIT_RESPONSE) {
      return " without a byte of an answer";
    }
    if (!headRead) {
      return " within the head, at byte " + received;
    }
    long at = received - headBytes;
    String of =
        head.framing() == Framing.LENGTH ? " of " + head.contentLength() : " of an unknown number";
    return " within the body, at byte " + at + (head.framing() == Framing.CHUNKED ? "" : of);
  }
}
