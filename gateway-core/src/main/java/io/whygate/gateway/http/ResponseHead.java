package io.whygate.gateway.http;

import io.whygate.diagnostics.facts.ResponseProblem;

/// The head of an HTTP/1 response (RFC 9112 sections 2 to 6).
public final class ResponseHead extends MessageHead {
  private static final byte[] HTTP = "HTTP/".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

  private int status;
  private int statusStart;
  private int reasonStart;
  private int reasonEnd;
  private boolean answersHead;
  private boolean hasStrayCoding;
  private ResponseProblem problem = ResponseProblem.NOT_HTTP;
  private String detail = "";
  private int offset = -1;
  private long size = -1;

  public ResponseHead(HeadLimits limits) {
    super(limits);
    reset();
  }

  @Override
  public void reset() {
    super.reset();
    status = 0;
    reasonStart = reasonEnd = 0;
    hasStrayCoding = false;
  }

  /// Whether the connection can carry another exchange after this one. An answer that names a
  /// coding though it can have no content may be followed by bytes that belong to nothing.
  @Override
  public boolean isPersistent() {
    return super.isPersistent() && !hasStrayCoding && framing != Framing.UNTIL_CLOSE;
  }

  /// Says what is asked, since it decides how the answer is framed: an answer to HEAD has no
  /// content.
  public void answering(boolean head) {
    answersHead = head;
  }

  public int status() {
    return status;
  }

  public boolean isInformational() {
    return status < 200;
  }

  /// Where the status code begins in the section's bytes; the reason phrase ends at [#reasonEnd].
  public int statusStart() {
    return statusStart;
  }

  public int reasonStart() {
    return reasonStart;
  }

  public int reasonEnd() {
    return reasonEnd;
  }

  /// What is wrong, once reading came to [Progress#BAD].
  public ResponseProblem problem() {
    return problem;
  }

  /// What breaks which rule, for operators.
  public String detail() {
    return detail;
  }

  /// Where the offending byte lies from the start of the head, or -1.
  public int offset() {
    return offset;
  }

  /// The size of what is too large, bytes, or -1.
  public long size() {
    return size;
  }

  @Override
  boolean unfolds() {
    return true;
  }

  @Override
  boolean mayBegin(int start, int end) {
    byte[] bytes = fields.bytes();
    if (start < end && (bytes[start] == '\r' || bytes[start] == '\n')) {
      return true;
    }
    for (int i = start; i < Math.min(end, start + HTTP.length); i++) {
      if (bytes[i] != HTTP[i - start]) {
        return false;
      }
    }
    return true;
  }

  @Override
  boolean startLine(int start, int end) {
    byte[] bytes = fields.bytes();
    if (end - start < 12
        || bytes[start] != 'H'
        || bytes[start + 1] != 'T'
        || bytes[start + 2] != 'T'
        || bytes[start + 3] != 'P'
        || bytes[start + 4] != '/') {
      return refuse(ResponseProblem.NOT_HTTP, "the answer does not begin with HTTP/", start);
    }
    boolean version =
        bytes[start + 5] == '1' && bytes[start + 6] == '.' && Grammar.isDigit(bytes[start + 7]);
    boolean code =
        bytes[start + 8] == ' '
            && bytes[start + 9] >= '1'
            && bytes[start + 9] <= '9'
            && Grammar.isDigit(bytes[start + 10])
            && Grammar.isDigit(bytes[start + 11])
            && (end - start == 12 || bytes[start + 12] == ' ');
    if (!version || !code) {
      return refuse(
          ResponseProblem.BAD_STATUS_LINE,
          "the status line is not HTTP/1.x, a space and three digits",
          start + 5);
    }
    minorVersion = bytes[start + 7] == '0' ? 0 : 1;
    statusStart = start + 9;
    status =
        (bytes[start + 9] - '0') * 100 + (bytes[start + 10] - '0') * 10 + bytes[start + 11] - '0';
    reasonStart = Math.min(start + 13, end);
    reasonEnd = end;
    for (int i = reasonStart; i < reasonEnd; i++) {
      if (!Grammar.isValue(bytes[i])) {
        return refuse(
            ResponseProblem.BAD_STATUS_LINE, "a control character in the reason phrase", i);
      }
    }
    return true;
  }

  @Override
  boolean frame() {
    long length = readContentLength();
    int coding = fields.find(FieldName.TRANSFER_ENCODING, 0);
    if (length == -2) {
      return refuse(
          ResponseProblem.AMBIGUOUS_FRAMING,
          "an invalid Content-Length, or more than one",
          fields.nameStart(fields.find(FieldName.CONTENT_LENGTH, 0)));
    }
    if (coding >= 0 && length >= 0) {
      return refuse(
          ResponseProblem.AMBIGUOUS_FRAMING,
          "both Content-Length and Transfer-Encoding",
          fields.nameStart(coding));
    }
    if (coding >= 0 && !isPlainlyChunked(coding)) {
      return refuse(
          ResponseProblem.AMBIGUOUS_CODING,
          "a transfer coding other than one chunked",
          fields.nameStart(coding));
    }
    contentLength = length;
    if (isInformational() || status == 204 || status == 304 || answersHead) {
      framing = Framing.NONE;
      hasStrayCoding = coding >= 0 && !answersHead;
    } else if (coding >= 0) {
      if (minorVersion == 0) {
        return refuse(
            ResponseProblem.AMBIGUOUS_FRAMING,
            "Transfer-Encoding in HTTP/1.0",
            fields.nameStart(coding));
      }
      framing = Framing.CHUNKED;
    } else if (length >= 0) {
      framing = length > 0 ? Framing.LENGTH : Framing.NONE;
    } else {
      framing = Framing.UNTIL_CLOSE;
    }
    return true;
  }

  private boolean refuse(ResponseProblem found, String words, int at) {
    problem = found;
    detail = words;
    offset = at;
    size = -1;
    return false;
  }

  @Override
  Progress bad(String words, int at) {
    ResponseProblem startLine =
        saysHttp() ? ResponseProblem.BAD_STATUS_LINE : ResponseProblem.NOT_HTTP;
    refuse(status > 0 ? ResponseProblem.BAD_FIELD : startLine, words, at);
    return Progress.BAD;
  }

  /// Whether the bytes begin as those of an answer do.
  private boolean saysHttp() {
    byte[] bytes = fields.bytes();
    return bytes[0] == 'H' && bytes[1] == 'T' && bytes[2] == 'T' && bytes[3] == 'P';
  }

  @Override
  void badField(FieldProblem field, int at) {
    refuse(ResponseProblem.BAD_FIELD, field.text(), at);
  }

  @Override
  void startLineTooLong(int limit) {
    refuse(
        saysHttp() ? ResponseProblem.HEADER_TOO_LARGE : ResponseProblem.NOT_HTTP,
        "no status line within " + limit + " bytes",
        -1);
    size = fields.length();
  }

  @Override
  void fieldsTooLarge(int limit) {
    refuse(
        ResponseProblem.HEADER_TOO_LARGE,
        "field lines larger than " + limit + " bytes together",
        -1);
    size = fields.length();
  }

  @Override
  void tooManyFields(int limit) {
    refuse(ResponseProblem.HEADER_TOO_LARGE, "more than " + limit + " field lines", -1);
    size = fields.length();
  }
}
