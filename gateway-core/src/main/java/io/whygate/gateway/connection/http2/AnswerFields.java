package io.whygate.gateway.connection.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.whygate.diagnostics.facts.ResponseProblem;
import io.whygate.gateway.http.ContentReader;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.Grammar;
import io.whygate.gateway.http.HeadLimits;
import io.whygate.gateway.http.MessageHead;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.http2.HpackDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Takes a list of fields of an answer, checks it by the rules of RFC 9113 section 8, and writes it
/// out as the head, or the trailer section, of an HTTP/1.1 answer, which is read from there as
/// strictly as any other. Confined to its event loop.
final class AnswerFields implements HpackDecoder.Sink {
  private static final byte[] STATUS = ascii(":status");
  private static final byte[] CONTENT_LENGTH = ascii("content-length");
  private static final byte[][] OF_ONE_HOP = {
    ascii("connection"),
    ascii("keep-alive"),
    ascii("proxy-connection"),
    ascii("transfer-encoding"),
    ascii("upgrade"),
  };

  /// Reason phrases by status: HTTP/2 has none, and HTTP/1 clients show them.
  private static final byte[][] REASONS = reasons();

  private static final int OVERHEAD = 32;
  private static final int LARGE = 16_384;

  private final HeadLimits limits;
  private final int maxListSize;
  private final ByteBuf text = Unpooled.buffer(1024);

  private boolean trailer;
  private ResponseProblem problem = ResponseProblem.BAD_FIELD;
  private String detail = "";
  private long listSize;
  private boolean fieldsBegun;
  private boolean lengthSeen;
  private int status;

  AnswerFields(HeadLimits limits) {
    this.limits = limits;
    this.maxListSize = maxListSize(limits);
  }

  private static byte[][] reasons() {
    byte[][] reasons = new byte[1000][];
    for (int i = 0; i < reasons.length; i++) {
      String phrase = HttpResponseStatus.valueOf(i).reasonPhrase();
      reasons[i] = ascii(phrase.endsWith(")") ? "" : phrase);
    }
    return reasons;
  }

  /// The size of a list of fields, counted as RFC 9113 section 6.5.2 does, that a server may send.
  static int maxListSize(HeadLimits limits) {
    return limits.startLine() + limits.headerSize();
  }

  /// Makes ready for the next list.
  void begin(boolean ofTrailers) {
    trailer = ofTrailers;
    problem = ofTrailers ? ResponseProblem.BAD_TRAILER : ResponseProblem.BAD_FIELD;
    detail = "";
    listSize = 0;
    fieldsBegun = false;
    lengthSeen = false;
    status = 0;
    text.clear();
    if (text.capacity() > LARGE) {
      text.capacity(1024);
    }
    if (ofTrailers) {
      text.writeBytes(ascii("0\r\n"));
    }
  }

  /// Whether the list, or what was read of it, keeps the rules.
  boolean isGood() {
    return detail.isEmpty();
  }

  /// What is wrong with it.
  ResponseProblem problem() {
    return problem;
  }

  /// What breaks which rule, for operators.
  String detail() {
    return detail;
  }

  /// The size of a list that is too large, bytes; -1 where it is not about a size.
  long size() {
    return listSize > maxListSize ? listSize : -1;
  }

  @Override
  public void field(byte[] name, int ns, int ne, byte[] value, int vs, int ve) {
    listSize += ne - ns + ve - vs + OVERHEAD;
    if (listSize > maxListSize) {
      bad(
          trailer ? ResponseProblem.BAD_TRAILER : ResponseProblem.HEADER_TOO_LARGE,
          "a list of fields larger than " + maxListSize + " bytes");
    }
    if (!detail.isEmpty()) {
      return;
    }
    if (ne > ns && name[ns] == ':') {
      pseudo(name, ns, ne, value, vs, ve);
    } else {
      regular(name, ns, ne, value, vs, ve);
    }
  }

  private void bad(ResponseProblem found, String words) {
    if (detail.isEmpty()) {
      problem = found;
      detail = words;
    }
  }

  private void bad(String words) {
    bad(trailer ? ResponseProblem.BAD_TRAILER : ResponseProblem.BAD_FIELD, words);
  }

  private void pseudo(byte[] name, int ns, int ne, byte[] value, int vs, int ve) {
    if (trailer || fieldsBegun) {
      bad("a pseudo-header field where none may stand");
    } else if (!is(name, ns, ne, STATUS)) {
      bad("a pseudo-header field other than :status");
    } else if (status != 0) {
      bad(":status more than once");
    } else if (ve - vs != 3
        || value[vs] < '1'
        || value[vs] > '9'
        || !Grammar.isDigit(value[vs + 1])
        || !Grammar.isDigit(value[vs + 2])) {
      bad(ResponseProblem.BAD_STATUS_LINE, "a :status that is not three digits");
    } else {
      status = (value[vs] - '0') * 100 + (value[vs + 1] - '0') * 10 + value[vs + 2] - '0';
      text.writeBytes(ascii("HTTP/1.1 ")).writeBytes(value, vs, 3).writeByte(' ');
      text.writeBytes(REASONS[status]).writeByte('\r').writeByte('\n');
    }
  }

  private void regular(byte[] name, int ns, int ne, byte[] value, int vs, int ve) {
    fieldsBegun = true;
    if (!trailer && status == 0) {
      bad(ResponseProblem.BAD_STATUS_LINE, "no :status before the fields");
    }
    check(name, ns, ne, value, vs, ve);
    if (!detail.isEmpty()) {
      return;
    }
    lengthSeen |= is(name, ns, ne, CONTENT_LENGTH);
    text.writeBytes(name, ns, ne - ns).writeByte(':').writeByte(' ');
    text.writeBytes(value, vs, ve - vs).writeByte('\r').writeByte('\n');
  }

  private void check(byte[] name, int ns, int ne, byte[] value, int vs, int ve) {
    if (ne == ns) {
      bad("a field without a name");
    }
    for (int i = ns; i < ne; i++) {
      if (name[i] >= 'A' && name[i] <= 'Z') {
        bad("a field name with an upper-case letter");
      } else if (!Grammar.isToken(name[i])) {
        bad("a character in a field name that may not stand there");
      }
    }
    for (int i = vs; i < ve; i++) {
      if (!Grammar.isValue(value[i])) {
        bad("a control character in a field value");
      }
    }
    if (ve > vs && (isSpace(value[vs]) || isSpace(value[ve - 1]))) {
      bad("white space around a field value");
    }
    for (byte[] each : OF_ONE_HOP) {
      if (is(name, ns, ne, each)) {
        bad("a field that belongs to connections of HTTP/1");
      }
    }
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\t';
  }

  /// Whether the list is the head of an interim answer.
  boolean isInformational() {
    return status >= 100 && status < 200;
  }

  int status() {
    return status;
  }

  /// Reads the list as the head of an answer.
  ///
  /// @param toHead whether it answers HEAD
  /// @param end whether nothing follows
  /// @return whether it is a valid one
  boolean readHead(ResponseHead head, boolean toHead, boolean end) {
    if (detail.isEmpty() && status == 0) {
      bad(ResponseProblem.BAD_STATUS_LINE, "no :status");
    } else if (status == 101) {
      bad(ResponseProblem.UNASKED_UPGRADE, "status 101, which HTTP/2 does not know");
    } else if (isInformational() && end) {
      bad("an interim answer that ends its stream");
    }
    if (!detail.isEmpty()) {
      return false;
    }
    boolean empty = toHead || status == 204 || status == 304 || isInformational();
    boolean lacksFraming = !empty && !lengthSeen;
    if (lacksFraming) {
      text.writeBytes(ascii(end ? "content-length: 0\r\n" : "transfer-encoding: chunked\r\n"));
    }
    return read(head, toHead, lacksFraming ? 1 : 0) && checkLength(head, end && !empty);
  }

  /// Reads the list, whose status says that the server carries another protocol, as the switch of
  /// protocols that HTTP/1.1 knows (RFC 8441 section 5).
  ///
  /// @param more whole field lines to add
  boolean readSwitch(ResponseHead head, String more) {
    if (detail.isEmpty() && lengthSeen) {
      bad("a length for another protocol");
    }
    if (!detail.isEmpty()) {
      return false;
    }
    text.setBytes(9, ascii("101"));
    text.writeBytes(ascii(more));
    return read(head, false, (int) more.lines().count());
  }

  /// @param added how many lines are not the server's
  private boolean read(ResponseHead head, boolean toHead, int added) {
    text.writeBytes(ascii("\r\n"));
    head.reset();
    head.answering(toHead);
    head.adding(added);
    if (head.read(text) == MessageHead.Progress.DONE) {
      return true;
    }
    bad(head.problem(), head.detail());
    listSize = Math.max(listSize, head.size());
    return false;
  }

  private boolean checkLength(ResponseHead head, boolean ended) {
    if (ended && head.contentLength() > 0) {
      bad(ResponseProblem.CUT_SHORT, "no content, and a length of " + head.contentLength());
      return false;
    }
    return true;
  }

  /// Reads the list as trailer fields; null where it breaks the rules.
  @Nullable FieldSection readTrailers() {
    if (!detail.isEmpty()) {
      return null;
    }
    text.writeBytes(ascii("\r\n"));
    ContentReader reader = new ContentReader(limits);
    reader.begin(Framing.CHUNKED, -1);
    if (reader.read(text, ByteBuf::release) == ContentReader.Progress.DONE) {
      return reader.trailers();
    }
    bad(ResponseProblem.BAD_TRAILER, reader.problem());
    return null;
  }

  private static boolean is(byte[] bytes, int start, int end, byte[] word) {
    return Arrays.equals(bytes, start, end, word, 0, word.length);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
