package io.whygate.gateway.http;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The head of a message: its start line and its fields, read once and strictly from bytes as they
/// come.
///
/// One object serves all messages of a connection, one after the other; confined to the
/// connection's event loop.
public abstract sealed class MessageHead permits RequestHead, ResponseHead {
  private static final int STEP = 2048;
  private static final byte[] CLOSE = "close".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] KEEP_ALIVE = "keep-alive".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] UPGRADE = "upgrade".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] CHUNKED = "chunked".getBytes(StandardCharsets.US_ASCII);

  /// How far reading has come.
  public enum Progress {
    /// More bytes are needed.
    MORE,
    /// The head is whole; the buffer stands at the first byte behind it.
    DONE,
    /// The bytes break a rule; the connection cannot be read any further.
    BAD
  }

  final FieldSection fields = new FieldSection();
  private final HeadLimits limits;
  private int lineStart;
  private boolean startLineRead;
  private int emptyLines;
  private int added;
  private int[] nominated = new int[8];
  private int nominations;

  int minorVersion;
  private boolean close;
  private boolean keepAlive;
  private boolean upgradeNominated;
  Framing framing = Framing.NONE;
  long contentLength;

  MessageHead(HeadLimits limits) {
    this.limits = limits;
  }

  /// Makes ready for the next message.
  public void reset() {
    fields.clear();
    lineStart = 0;
    startLineRead = false;
    emptyLines = 0;
    added = 0;
    nominations = 0;
    minorVersion = 1;
    close = false;
    keepAlive = false;
    upgradeNominated = false;
    framing = Framing.NONE;
    contentLength = -1;
  }

  /// Says that so many of the field lines that are read for this message did not come from its
  /// sender: they are not counted against the limit.
  public void adding(int lines) {
    added = lines;
  }

  /// Whether any byte of this message has been read.
  public boolean isBegun() {
    return fields.length() > 0;
  }

  /// The fields.
  public FieldSection fields() {
    return fields;
  }

  /// How the content's end is known.
  public Framing framing() {
    return framing;
  }

  /// The length of the content with [Framing#LENGTH], bytes; else as the field said, or -1.
  public long contentLength() {
    return contentLength;
  }

  /// The minor version of HTTP/1: 0 or 1.
  public int minorVersion() {
    return minorVersion;
  }

  /// Whether the sender means to keep the connection (RFC 9112 section 9.3).
  public boolean isPersistent() {
    return !close && (minorVersion >= 1 || keepAlive);
  }

  /// Whether Connection names Upgrade.
  public boolean nominatesUpgrade() {
    return upgradeNominated;
  }

  /// Whether Connection names this field, so that it ends at the next hop (RFC 9110 section 7.6.1).
  public boolean isNominated(int field) {
    for (int i = 0; i < nominations; i++) {
      int start = nominated[2 * i];
      int end = nominated[2 * i + 1];
      if (end - start == fields.nameEnd(field) - fields.nameStart(field)
          && sameIgnoringCase(start, fields.nameStart(field), end - start)) {
        return true;
      }
    }
    return false;
  }

  /// Whether Connection names any field beyond close, keep-alive and upgrade.
  public boolean hasNominations() {
    return nominations > 0;
  }

  /// Reads on.
  public Progress read(ByteBuf in) {
    while (in.isReadable()) {
      int from = fields.length();
      int room =
          (startLineRead ? limits.headerSize() + limits.startLine() : limits.startLine() + 2)
              - from;
      if (room <= 0) {
        return tooLarge();
      }
      fields.take(in, Math.min(Math.min(in.readableBytes(), STEP), room));
      int to = fields.length();
      byte[] bytes = fields.bytes();
      if (!startLineRead && !mayBegin(lineStart, to)) {
        return bad("bytes that are not HTTP", lineStart);
      }
      for (int i = from; i < to; i++) {
        if (bytes[i] == '\n') {
          if (i == lineStart || bytes[i - 1] != '\r') {
            return bad("a line that ends without a carriage return", i);
          }
          int end = i - 1;
          if (end == lineStart && startLineRead) {
            in.readerIndex(in.readerIndex() - (to - i - 1));
            fields.truncate(i + 1);
            return finish();
          }
          if (!line(end)) {
            return Progress.BAD;
          }
          lineStart = i + 1;
        }
      }
    }
    return Progress.MORE;
  }

  private boolean line(int end) {
    if (!startLineRead) {
      if (end == lineStart) {
        if (++emptyLines > 4) {
          bad("empty lines before the start line", lineStart);
          return false;
        }
        return true;
      }
      startLineRead = true;
      return startLine(lineStart, end);
    }
    byte first = fields.bytes()[lineStart];
    boolean folded = (first == ' ' || first == '\t') && unfolds();
    FieldProblem problem = folded ? fields.unfold(lineStart, end) : fields.enter(lineStart, end);
    if (problem != null) {
      badField(problem, lineStart);
      return false;
    }
    if (fields.count() > limits.headerCount() + added) {
      tooManyFields(limits.headerCount());
      return false;
    }
    return true;
  }

  private Progress finish() {
    for (int i = fields.find(FieldName.CONNECTION, 0);
        i >= 0;
        i = fields.find(FieldName.CONNECTION, i + 1)) {
      readConnectionOptions(fields.valueStart(i), fields.valueEnd(i));
    }
    return frame() ? Progress.DONE : Progress.BAD;
  }

  private void readConnectionOptions(int start, int end) {
    byte[] bytes = fields.bytes();
    int at = start;
    while (at < end) {
      int next = at;
      while (next < end && bytes[next] != ',') {
        next++;
      }
      int optionStart = at;
      int optionEnd = next;
      while (optionStart < optionEnd && isSpace(bytes[optionStart])) {
        optionStart++;
      }
      while (optionEnd > optionStart && isSpace(bytes[optionEnd - 1])) {
        optionEnd--;
      }
      if (Grammar.equalsIgnoreCase(bytes, optionStart, optionEnd, CLOSE)) {
        close = true;
      } else if (Grammar.equalsIgnoreCase(bytes, optionStart, optionEnd, KEEP_ALIVE)) {
        keepAlive = true;
      } else if (Grammar.equalsIgnoreCase(bytes, optionStart, optionEnd, UPGRADE)) {
        upgradeNominated = true;
      } else if (optionStart < optionEnd) {
        if (nominations * 2 == nominated.length) {
          nominated = Arrays.copyOf(nominated, nominated.length * 2);
        }
        nominated[2 * nominations] = optionStart;
        nominated[2 * nominations + 1] = optionEnd;
        nominations++;
      }
      at = next + 1;
    }
  }

  private boolean sameIgnoringCase(int a, int b, int length) {
    byte[] bytes = fields.bytes();
    for (int i = 0; i < length; i++) {
      byte x = bytes[a + i];
      byte y = bytes[b + i];
      if (x != y && lower(x) != lower(y)) {
        return false;
      }
    }
    return true;
  }

  private static int lower(byte b) {
    return b >= 'A' && b <= 'Z' ? b + 32 : b;
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\t';
  }

  /// Reads Content-Length: the length, -1 where there is none, -2 where it breaks the grammar or
  /// stands twice.
  long readContentLength() {
    int field = fields.find(FieldName.CONTENT_LENGTH, 0);
    if (field < 0) {
      return -1;
    }
    if (fields.find(FieldName.CONTENT_LENGTH, field + 1) >= 0) {
      return -2;
    }
    byte[] bytes = fields.bytes();
    int start = fields.valueStart(field);
    int end = fields.valueEnd(field);
    if (start == end || end - start > 18) {
      return -2;
    }
    long value = 0;
    for (int i = start; i < end; i++) {
      if (!Grammar.isDigit(bytes[i])) {
        return -2;
      }
      value = value * 10 + (bytes[i] - '0');
    }
    return value;
  }

  /// Whether the one Transfer-Encoding field says `chunked` and nothing else.
  boolean isPlainlyChunked(int field) {
    return fields.find(FieldName.TRANSFER_ENCODING, field + 1) < 0
        && Grammar.equalsIgnoreCase(
            fields.bytes(), fields.valueStart(field), fields.valueEnd(field), CHUNKED);
  }

  private Progress tooLarge() {
    if (!startLineRead) {
      startLineTooLong(limits.startLine());
    } else {
      fieldsTooLarge(limits.headerSize());
    }
    return Progress.BAD;
  }

  /// Whether folded field lines are joined (a proxy may, in responses) rather than refused.
  abstract boolean unfolds();

  /// Whether a start line may begin with what has come of it, or with an empty line.
  abstract boolean mayBegin(int start, int end);

  abstract boolean startLine(int start, int end);

  /// Decides how the content's end is known; false where that is ambiguous.
  abstract boolean frame();

  abstract Progress bad(String detail, int offset);

  abstract void badField(FieldProblem problem, int offset);

  abstract void startLineTooLong(int limit);

  abstract void fieldsTooLarge(int limit);

  abstract void tooManyFields(int limit);
}
