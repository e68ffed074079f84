package io.whygate.diagnostics.redaction;

import java.util.Locale;
import java.util.Set;

/// Takes secrets out of what is kept of a request or an answer: credentials, cookies, and whatever
/// by its name or its look is a token. Rather one value too many than one too few.
///
/// No regular expressions: it runs on event loops for each request that fails.
public final class Redaction {
  /// What stands for a value in a field.
  public static final String FIELD_MARK = "[redacted]";

  /// What stands for a value in a query, where brackets do not belong.
  public static final String QUERY_MARK = "REDACTED";

  private static final Set<String> SECRET_FIELDS =
      Set.of(
          "authorization",
          "proxy-authorization",
          "cookie",
          "set-cookie",
          "cookie2",
          "set-cookie2",
          "authentication-info",
          "proxy-authentication-info",
          "x-forwarded-client-cert",
          "x-amz-security-token");

  /// Fields whose values look like tokens and are none.
  private static final Set<String> HARMLESS =
      Set.of(
          "host",
          "user-agent",
          "via",
          "date",
          "etag",
          "if-match",
          "if-none-match",
          "traceparent",
          "tracestate",
          "x-request-id",
          "x-correlation-id",
          "x-amzn-trace-id",
          "cf-ray",
          "server",
          "content-type",
          "content-length",
          "content-encoding",
          "transfer-encoding");

  private Redaction() {}

  /// A field's value without its secrets. An authentication scheme stays, its credentials go.
  public static String field(String name, String value) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.endsWith("authorization")) {
      int space = value.indexOf(' ');
      return space > 0 && space <= Secrets.SHORT_TOKEN
          ? value.substring(0, space + 1) + FIELD_MARK
          : FIELD_MARK;
    }
    if (SECRET_FIELDS.contains(lower) || Secrets.isSecretName(lower)) {
      return FIELD_MARK;
    }
    if (HARMLESS.contains(lower) || lower.startsWith("accept") || lower.startsWith("sec-")) {
      return value;
    }
    boolean url = value.indexOf("://") >= 0 || value.startsWith("/");
    return words(url ? target(value) : value, FIELD_MARK);
  }

  /// A request target, or a URL, without the secrets in its path, its query and its user part.
  public static String target(String target) {
    int mark = target.indexOf('?');
    String path = withoutUser(mark < 0 ? target : target.substring(0, mark));
    StringBuilder out = new StringBuilder(target.length());
    appendPath(out, path);
    if (mark >= 0) {
      out.append('?').append(query(target.substring(mark + 1)));
    }
    return out.toString();
  }

  private static String withoutUser(String url) {
    int scheme = url.indexOf("://");
    if (scheme < 0) {
      return url;
    }
    int end = url.indexOf('/', scheme + 3);
    int at = url.lastIndexOf('@', end < 0 ? url.length() : end);
    return at < scheme + 3 ? url : url.substring(0, scheme + 3) + QUERY_MARK + url.substring(at);
  }

  private static void appendPath(StringBuilder out, String path) {
    int start = 0;
    while (true) {
      int end = path.indexOf('/', start);
      String segment = end < 0 ? path.substring(start) : path.substring(start, end);
      out.append(Secrets.isMadeToken(segment) ? QUERY_MARK : segment);
      if (end < 0) {
        return;
      }
      out.append('/');
      start = end + 1;
    }
  }

  /// A query, or a form, without the values whose names or looks are a secret's.
  public static String query(String query) {
    StringBuilder out = new StringBuilder(query.length());
    int start = 0;
    while (true) {
      int end = start;
      while (end < query.length() && query.charAt(end) != '&' && query.charAt(end) != ';') {
        end++;
      }
      String pair = query.substring(start, end);
      int equals = pair.indexOf('=');
      String name = equals < 0 ? "" : pair.substring(0, equals);
      String value = pair.substring(equals + 1);
      boolean secret =
          Secrets.isToken(value) || (!value.isEmpty() && Secrets.isSecretName(lowered(name)));
      out.append(pair, 0, equals + 1).append(secret ? QUERY_MARK : value);
      if (end == query.length()) {
        return out.toString();
      }
      out.append(query.charAt(end));
      start = end + 1;
    }
  }

  private static String lowered(String name) {
    return name.toLowerCase(Locale.ROOT).replace("%5b", "[").replace("%5d", "]");
  }

  /// The beginning of a message, as it came, without its secrets.
  public static String head(String bytes) {
    StringBuilder out = new StringBuilder(bytes.length());
    int start = 0;
    while (start < bytes.length()) {
      int lf = bytes.indexOf('\n', start);
      int end = lf < 0 ? bytes.length() : lf + 1;
      int textEnd = end;
      while (textEnd > start
          && (bytes.charAt(textEnd - 1) == '\n' || bytes.charAt(textEnd - 1) == '\r')) {
        textEnd--;
      }
      out.append(line(bytes.substring(start, textEnd))).append(bytes, textEnd, end);
      start = end;
    }
    return out.toString();
  }

  private static String line(String line) {
    int colon = line.indexOf(':');
    if (colon <= 0 || !isName(line, colon)) {
      return words(line, FIELD_MARK);
    }
    String value = line.substring(colon + 1);
    String redacted = field(line.substring(0, colon), value.strip());
    return redacted.equals(value.strip()) ? line : line.substring(0, colon) + ": " + redacted;
  }

  private static boolean isName(String line, int end) {
    for (int i = 0; i < end; i++) {
      char c = line.charAt(i);
      if (!Character.isLetterOrDigit(c) && c != '-' && c != '_') {
        return false;
      }
    }
    return true;
  }

  private static String words(String text, String mark) {
    if (text.length() < Secrets.SHORT_TOKEN) {
      return text;
    }
    StringBuilder out = null;
    int copied = 0;
    int start = 0;
    for (int i = 0; i <= text.length(); i++) {
      if (i < text.length() && Secrets.isOfToken(text.charAt(i))) {
        continue;
      }
      if (i - start >= Secrets.SHORT_TOKEN && Secrets.isToken(text.substring(start, i))) {
        out = out == null ? new StringBuilder(text.length()) : out;
        out.append(text, copied, start).append(mark);
        copied = i;
      }
      start = i + 1;
    }
    return out == null ? text : out.append(text, copied, text.length()).toString();
  }
}
