package io.whygate.gateway.http;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The head of an HTTP/1 request (RFC 9112 sections 2 to 6), read strictly: what two readers could
/// read in two ways is refused (section 11.2).
public final class RequestHead extends MessageHead {
  private static final String[] METHODS = {
    "GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT"
  };
  private static final byte[] HTTP = "http".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] HTTPS = "https".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] CONTINUE = "100-continue".getBytes(StandardCharsets.US_ASCII);

  private String method = "";
  private int methodStart;
  private int targetStart;
  private int targetEnd;
  private int pathStart;
  private int pathEnd;
  private int authorityStart;
  private int authorityEnd;
  private int upgradeField;
  private boolean absoluteForm;

  /// The target as text, once somebody asked for it: routing, diagnosis and the log do.
  private @Nullable String targetText;

  private @Nullable RequestProblem problem;

  public RequestHead(HeadLimits limits) {
    super(limits);
    reset();
  }

  @Override
  public void reset() {
    super.reset();
    method = "";
    methodStart = targetStart = targetEnd = pathStart = pathEnd = authorityStart = authorityEnd = 0;
    upgradeField = -1;
    absoluteForm = false;
    targetText = null;
    problem = null;
  }

  /// What is wrong, once reading came to [Progress#BAD].
  public RequestProblem problem() {
    RequestProblem found = problem;
    return found != null ? found : new RequestProblem(400, "a malformed request");
  }

  /// The method; one string object for each of the common ones.
  public String method() {
    return method;
  }

  /// Where the method begins in the section's bytes.
  public int methodStart() {
    return methodStart;
  }

  /// Whether the target came as a URL (RFC 9112 section 3.2.2).
  public boolean isAbsoluteForm() {
    return absoluteForm;
  }

  public boolean isHead() {
    return method.equals("HEAD");
  }

  /// Whether sending it twice has the effect of sending it once (RFC 9110 section 9.2.2).
  public boolean isIdempotent() {
    return switch (method) {
      case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE" -> true;
      default -> false;
    };
  }

  /// Where the origin-form of the target begins in the section's bytes: the path and query, or `*`.
  public int targetStart() {
    return targetStart;
  }

  public int targetEnd() {
    return targetEnd;
  }

  public int pathStart() {
    return pathStart;
  }

  /// Where the path ends, its query excluded.
  public int pathEnd() {
    return pathEnd;
  }

  /// The path and query, or `*`.
  public String target() {
    String text = targetText;
    if (text == null) {
      text = targetStart == targetEnd ? "/" : fields.text(targetStart, targetEnd);
      targetText = text;
    }
    return text;
  }

  /// The path without its query.
  public String path() {
    if (pathStart == targetStart && pathEnd == targetEnd) {
      return target();
    }
    return pathStart == pathEnd ? "/" : fields.text(pathStart, pathEnd);
  }

  public boolean isAsterisk() {
    return targetEnd - targetStart == 1 && fields.bytes()[targetStart] == '*';
  }

  public int authorityStart() {
    return authorityStart;
  }

  public int authorityEnd() {
    return authorityEnd;
  }

  /// The authority that is asked for: the target's in absolute form, else Host; empty where there
  /// is none.
  public String authority() {
    return fields.text(authorityStart, authorityEnd);
  }

  /// Whether the client waits for 100 (Continue) before it sends the content.
  public boolean expectsContinue() {
    int field = fields.find(FieldName.EXPECT, 0);
    return field >= 0
        && minorVersion >= 1
        && fields.find(FieldName.EXPECT, field + 1) < 0
        && Grammar.equalsIgnoreCase(
            fields.bytes(), fields.valueStart(field), fields.valueEnd(field), CONTINUE);
  }

  /// The field that asks for another protocol, or -1. A request with content, or for h2c, asks for
  /// none that is heard.
  public int upgradeField() {
    return upgradeField;
  }

  @Override
  boolean unfolds() {
    return false;
  }

  @Override
  boolean mayBegin(int start, int end) {
    if (start == end) {
      return true;
    }
    byte first = fields.bytes()[start];
    return Grammar.isToken(first) || first == '\r' || first == '\n';
  }

  @Override
  boolean startLine(int start, int end) {
    byte[] bytes = fields.bytes();
    int space = start;
    while (space < end && Grammar.isToken(bytes[space])) {
      space++;
    }
    if (space == start || space == end || bytes[space] != ' ') {
      return refuse(400, "a request line that does not begin with a method");
    }
    methodStart = start;
    method = methodOf(bytes, start, space);
    int target = space + 1;
    int targetStop = target;
    while (targetStop < end && Grammar.isTarget(bytes[targetStop])) {
      targetStop++;
    }
    if (targetStop == target || targetStop == end || bytes[targetStop] != ' ') {
      return refuse(
          400, "a request target that is missing, or has a character that may not stand there");
    }
    return version(targetStop + 1, end) && target(target, targetStop);
  }

  private boolean version(int start, int end) {
    byte[] bytes = fields.bytes();
    if (end - start != 8
        || bytes[start] != 'H'
        || bytes[start + 1] != 'T'
        || bytes[start + 2] != 'T'
        || bytes[start + 3] != 'P'
        || bytes[start + 4] != '/'
        || !Grammar.isDigit(bytes[start + 5])
        || bytes[start + 6] != '.'
        || !Grammar.isDigit(bytes[start + 7])) {
      return refuse(400, "a request line without a version of HTTP");
    }
    if (bytes[start + 5] != '1') {
      return refuse(505, "a version of HTTP that is not spoken here");
    }
    minorVersion = bytes[start + 7] == '0' ? 0 : 1;
    return true;
  }

  private boolean target(int start, int end) {
    byte[] bytes = fields.bytes();
    targetStart = start;
    targetEnd = end;
    if (method.equals("CONNECT")) {
      return refuse(501, "the method CONNECT");
    }
    if (bytes[start] == '/') {
      findPath();
      return true;
    }
    if (isAsterisk()) {
      pathStart = start;
      pathEnd = end;
      return method.equals("OPTIONS")
          || refuse(400, "the target * with a method other than OPTIONS");
    }
    return absoluteTarget(start, end);
  }

  private boolean absoluteTarget(int start, int end) {
    byte[] bytes = fields.bytes();
    int colon = start;
    while (colon < end && bytes[colon] != ':') {
      colon++;
    }
    boolean known =
        Grammar.equalsIgnoreCase(bytes, start, colon, HTTP)
            || Grammar.equalsIgnoreCase(bytes, start, colon, HTTPS);
    if (!known || colon + 3 > end || bytes[colon + 1] != '/' || bytes[colon + 2] != '/') {
      return refuse(400, "a request target that is neither a path nor an http URL");
    }
    int authority = colon + 3;
    int authorityStop = authority;
    while (authorityStop < end && bytes[authorityStop] != '/' && bytes[authorityStop] != '?') {
      authorityStop++;
    }
    if (authority == authorityStop || !Grammar.isAuthority(bytes, authority, authorityStop)) {
      return refuse(400, "a request target without a valid host");
    }
    authorityStart = authority;
    authorityEnd = authorityStop;
    absoluteForm = true;
    targetStart = authorityStop;
    findPath();
    return true;
  }

  private void findPath() {
    byte[] bytes = fields.bytes();
    pathStart = targetStart;
    int at = targetStart;
    while (at < targetEnd && bytes[at] != '?') {
      at++;
    }
    pathEnd = at;
  }

  private static String methodOf(byte[] bytes, int start, int end) {
    for (String method : METHODS) {
      if (method.length() == end - start && matches(method, bytes, start)) {
        return method;
      }
    }
    return new String(bytes, start, end - start, StandardCharsets.US_ASCII);
  }

  private static boolean matches(String method, byte[] bytes, int start) {
    for (int i = 0; i < method.length(); i++) {
      if (method.charAt(i) != bytes[start + i]) {
        return false;
      }
    }
    return true;
  }

  @Override
  boolean frame() {
    return host() && length() && upgrade();
  }

  private boolean host() {
    int field = fields.find(FieldName.HOST, 0);
    if (field < 0) {
      return minorVersion == 0 || refuse(400, "a request without Host");
    }
    if (fields.find(FieldName.HOST, field + 1) >= 0) {
      return refuse(400, "more than one Host");
    }
    if (!Grammar.isAuthority(fields.bytes(), fields.valueStart(field), fields.valueEnd(field))) {
      return refuse(400, "an invalid Host");
    }
    if (!absoluteForm) {
      authorityStart = fields.valueStart(field);
      authorityEnd = fields.valueEnd(field);
    }
    return true;
  }

  private boolean length() {
    long length = readContentLength();
    if (length == -2) {
      return refuse(400, "an invalid Content-Length, or more than one");
    }
    int coding = fields.find(FieldName.TRANSFER_ENCODING, 0);
    if (coding < 0) {
      contentLength = length;
      framing = length > 0 ? Framing.LENGTH : Framing.NONE;
      return true;
    }
    if (length >= 0) {
      return refuse(400, "both Content-Length and Transfer-Encoding");
    }
    if (minorVersion == 0) {
      return refuse(400, "Transfer-Encoding in a request of HTTP/1.0");
    }
    if (!isPlainlyChunked(coding)) {
      return refuse(endsInChunked() ? 501 : 400, "a transfer coding other than chunked");
    }
    framing = Framing.CHUNKED;
    return true;
  }

  private boolean endsInChunked() {
    String codings = fields.joined(FieldName.TRANSFER_ENCODING);
    int comma = codings.lastIndexOf(',');
    return comma > 0
        && codings.substring(comma + 1).strip().equalsIgnoreCase("chunked")
        && codings.substring(0, comma).chars().noneMatch(c -> c == 0x0b || c == '"')
        && !codings.substring(0, comma).toLowerCase(java.util.Locale.ROOT).contains("chunked");
  }

  private boolean upgrade() {
    int field = fields.find(FieldName.UPGRADE, 0);
    if (field < 0 || !nominatesUpgrade() || minorVersion == 0 || framing != Framing.NONE) {
      return true;
    }
    byte[] bytes = fields.bytes();
    int start = fields.valueStart(field);
    boolean one = fields.find(FieldName.UPGRADE, field + 1) < 0;
    boolean h2c =
        fields.valueEnd(field) - start >= 2
            && (bytes[start] | 0x20) == 'h'
            && bytes[start + 1] == '2';
    upgradeField =
        one && !h2c && Grammar.isToken(bytes, start, fields.valueEnd(field)) ? field : -1;
    return true;
  }

  private boolean refuse(int status, String detail) {
    problem = new RequestProblem(status, detail);
    return false;
  }

  @Override
  Progress bad(String detail, int offset) {
    refuse(400, detail);
    return Progress.BAD;
  }

  @Override
  void badField(FieldProblem field, int offset) {
    refuse(400, field.text());
  }

  @Override
  void startLineTooLong(int limit) {
    refuse(414, "a request line longer than " + limit + " bytes");
  }

  @Override
  void fieldsTooLarge(int limit) {
    refuse(431, "header fields larger than " + limit + " bytes together");
  }

  @Override
  void tooManyFields(int limit) {
    refuse(431, "more than " + limit + " header fields");
  }
}
