package io.whygate.diagnostics.probe;

import io.whygate.diagnostics.probe.Finding.Asked;
import io.whygate.diagnostics.probe.Finding.Asked.AskOutcome;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// Reads as much of an HTTP/1.1 answer to a light request as tells something.
final class LightAnswer {
  /// How much of a head is read.
  static final int HEAD_BYTES = 16_384;

  /// How much of a body is read.
  static final int BODY_BYTES = 8_192;

  private static final Pattern DIGITS = Pattern.compile("[0-9]{1,9}");
  private static final Set<String> KEPT =
      Set.of(
          "server",
          "etag",
          "set-cookie",
          "strict-transport-security",
          "x-powered-by",
          "via",
          "date",
          "retry-after",
          "location",
          "content-type",
          "proxy-status",
          "content-length",
          "transfer-encoding");

  private LightAnswer() {}

  /// @param asked when it was asked for ([System#nanoTime()])
  static Asked read(InputStream source, HttpProbe.Target target, HttpProbe.Light light, long asked)
      throws IOException {
    var in = new BufferedInputStream(source, BODY_BYTES);
    in.mark(1);
    if (in.read() < 0) {
      return HttpProbe.failed(target, light, AskOutcome.CLOSED);
    }
    long ttfb = (System.nanoTime() - asked) / 1_000;
    in.reset();
    var fields = new HashMap<String, String>();
    var limit = new int[] {HEAD_BYTES};
    String statusLine = line(in, limit);
    int status = statusOf(statusLine);
    AskOutcome outcome = status < 0 ? AskOutcome.NOT_HTTP : AskOutcome.ANSWERED;
    String body = "";
    if (status < 0) {
      body = statusLine;
    } else {
      if (!readFields(in, limit, fields)) {
        outcome = AskOutcome.CUT_SHORT;
      } else if (!light.method().equals("HEAD")) {
        body = body(in, fields.getOrDefault("content-length", ""));
      }
    }
    return new Asked(
        target.address(),
        target.purpose(),
        light.method(),
        light.path(),
        outcome,
        status,
        fields,
        body,
        ttfb);
  }

  /// Reads the field lines; false where they end too early.
  private static boolean readFields(InputStream in, int[] limit, Map<String, String> fields)
      throws IOException {
    while (true) {
      String line = line(in, limit);
      if (line.equals("\n")) {
        return true;
      }
      if (!line.endsWith("\n")) {
        return false;
      }
      int colon = line.indexOf(':');
      if (colon > 0) {
        String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
        if (KEPT.contains(name)) {
          String value = line.substring(colon + 1).strip();
          // Of a cookie only its name is of interest.
          int end = name.equals("set-cookie") ? value.indexOf('=') + 1 : value.length();
          fields.putIfAbsent(name, value.substring(0, end));
        }
      }
    }
  }

  /// One line with its line feed, without a carriage return; without the line feed where the input
  /// or the limit ended.
  private static String line(InputStream in, int[] limit) throws IOException {
    var line = new StringBuilder(64);
    while (limit[0]-- > 0) {
      int c = in.read();
      if (c < 0) {
        break;
      }
      if (c != '\r') {
        line.append((char) c);
      }
      if (c == '\n') {
        break;
      }
    }
    return line.toString();
  }

  static int statusOf(String line) {
    if (!line.startsWith("HTTP/1.") || line.length() < 12 || line.charAt(8) != ' ') {
      return -1;
    }
    int status = 0;
    for (int i = 9; i < 12; i++) {
      int digit = line.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      status = status * 10 + digit;
    }
    return status;
  }

  /// What comes of the body until the deadline, up to its length where that is told; whether it
  /// breaks off is for others to judge.
  private static String body(InputStream in, String contentLength) {
    int told = DIGITS.matcher(contentLength).matches() ? Integer.parseInt(contentLength) : -1;
    byte[] buffer = new byte[told < 0 ? BODY_BYTES : Math.min(told, BODY_BYTES)];
    int length = 0;
    try {
      int read;
      while (length < buffer.length
          && (read = in.read(buffer, length, buffer.length - length)) > 0) {
        length += read;
        if (told < 0 && in.available() == 0) {
          break;
        }
      }
    } catch (IOException e) {
      return new String(buffer, 0, length, StandardCharsets.ISO_8859_1);
    }
    return new String(buffer, 0, length, StandardCharsets.ISO_8859_1);
  }
}
