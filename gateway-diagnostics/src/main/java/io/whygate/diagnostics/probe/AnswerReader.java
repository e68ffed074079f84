package io.whygate.diagnostics.probe;

import io.whygate.diagnostics.facts.UpstreamFacts.AnswerLimits;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// Reads an answer of HTTP/1.1 to its end, as far as a bound, as strictly as the gateway does: what
/// it would refuse is no answer here either.
final class AnswerReader {
  private static final int LINE_CHARACTERS = 65_536;
  private static final Pattern STATUS_LINE =
      Pattern.compile("HTTP/1\\.[01] [1-9][0-9]{2}( [\\t\\x20-\\x7e\\x80-\\xff]*)?");
  private static final Pattern FIELD =
      Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\\t\\x20-\\x7e\\x80-\\xff]*");
  private static final Pattern CHUNK = Pattern.compile("([0-9A-Fa-f]{1,15})[ \\t]*(;.*)?");

  private final InputStream in;
  private final Deadline deadline;
  private final AnswerLimits limits;
  private long left;
  private long length = -1;
  private boolean chunked;
  private boolean bounded;

  /// @param limits what a sound answer keeps to
  /// @param mostBody how much of the content is read
  AnswerReader(InputStream in, Deadline deadline, AnswerLimits limits, long mostBody) {
    this.in = in;
    this.deadline = deadline;
    this.limits = limits;
    left = mostBody;
  }

  /// The status of an answer that is whole and sound; empty for any other.
  ///
  /// @param headOnly whether it has no content, since HEAD was asked
  Optional<Integer> read(boolean headOnly) throws IOException {
    int status = head();
    for (int i = 0; status >= 100 && status != 101 && status < 200 && i < limits.interim(); i++) {
      if (deadline.hasPassed()) {
        return Optional.empty();
      }
      status = head();
    }
    if (status < 200) {
      return Optional.empty();
    }
    boolean bodiless = headOnly || status == 204 || status == 304;
    boolean whole = bodiless || (chunked ? chunks() : length < 0 ? untilClose() : skip(length));
    bounded = bodiless || chunked || length >= 0;
    return whole ? Optional.of(status) : Optional.empty();
  }

  /// Whether the answer's end was told by its framing and read, so that nothing may follow.
  boolean hasEnd() {
    return bounded && left > 0;
  }

  /// The status; -1 where the head breaks a rule.
  private int head() throws IOException {
    length = -1;
    chunked = false;
    String status = line();
    if (!STATUS_LINE.matcher(status).matches() || !fields(status.length() + 2, true)) {
      return -1;
    }
    return LightAnswer.statusOf(status);
  }

  /// @param before bytes of the head that are read
  private boolean fields(int before, boolean framing) throws IOException {
    // The empty line behind them counts too.
    long bytes = before + 2L;
    int count = 0;
    boolean sound = true;
    for (String field = line(); !field.isEmpty(); field = line()) {
      bytes += field.length() + 2L;
      count++;
      sound &= bytes <= limits.head() && count <= limits.fields() && FIELD.matcher(field).matches();
      if (sound && framing) {
        int colon = field.indexOf(':');
        sound = frames(field.substring(0, colon), field.substring(colon + 1).strip());
      }
      if (!sound) {
        return false;
      }
    }
    return !(chunked && length >= 0);
  }

  /// Takes what a field says of the framing; false where it can be read in two ways.
  private boolean frames(String name, String value) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "content-length" -> {
        boolean number = value.matches("[0-9]{1,18}");
        long said = number ? Long.parseLong(value) : -1;
        boolean agrees = number && (length < 0 || length == said);
        length = said;
        yield agrees;
      }
      case "transfer-encoding" -> {
        boolean first = !chunked;
        chunked = true;
        yield first && value.equalsIgnoreCase("chunked");
      }
      default -> true;
    };
  }

  private boolean chunks() throws IOException {
    while (left > 0) {
      var size = CHUNK.matcher(line());
      if (!size.matches()) {
        return false;
      }
      long bytes = Long.parseLong(size.group(1), 16);
      if (bytes == 0) {
        return fields(0, false);
      }
      if (!skip(bytes) || (left > 0 && !line().isEmpty())) {
        return false;
      }
    }
    return true;
  }

  private boolean untilClose() throws IOException {
    byte[] buffer = new byte[8_192];
    while (left > 0 && !deadline.hasPassed()) {
      int read = in.read(buffer);
      if (read < 0) {
        return true;
      }
      left -= read;
    }
    return left <= 0;
  }

  private boolean skip(long bytes) throws IOException {
    byte[] buffer = new byte[8_192];
    long rest = Math.min(bytes, left);
    left -= rest;
    while (rest > 0) {
      if (deadline.hasPassed()) {
        return false;
      }
      int read = in.read(buffer, 0, (int) Math.min(buffer.length, rest));
      if (read < 0) {
        return false;
      }
      rest -= read;
    }
    return true;
  }

  /// One line without its end; throws where the input ends before it.
  private String line() throws IOException {
    var line = new StringBuilder(64);
    int most = Math.max(LINE_CHARACTERS, limits.head());
    while (line.length() < most) {
      int c = in.read();
      if (c < 0) {
        throw new IOException("the answer ended within a line");
      }
      if (c == '\n') {
        int last = line.length() - 1;
        if (last >= 0 && line.charAt(last) == '\r') {
          line.setLength(last);
        }
        return line.toString();
      }
      line.append((char) c);
    }
    throw new IOException("a line of more than " + most + " characters");
  }
}
