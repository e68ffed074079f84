package io.whygate.faults.http;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads the requests of one connection, one after the other, so that pipelined ones are in order.
/// Confined to the connection's thread.
public final class RequestReader {
  private static final int MAX_HEAD_BYTES = 1 << 20;

  private final InputStream in;
  private final long connection;
  private int position;

  /// A reader of a buffered stream.
  ///
  /// @param connection the number that its request heads carry
  public RequestReader(InputStream in, long connection) {
    this.in = in;
    this.connection = connection;
  }

  /// The next head, or null at the end of the stream.
  ///
  /// @throws BadRequest where the bytes are no request
  /// @throws EOFException where the stream ends within a head
  public @Nullable RequestHead next() throws IOException {
    String line = line(true);
    while (line != null && line.isEmpty()) {
      line = line(true);
    }
    if (line == null) {
      return null;
    }
    String[] parts = line.split(" ", -1);
    if (parts.length != 3 || !parts[2].matches("HTTP/1\\.[01]") || !isToken(parts[0])) {
      throw new BadRequest("request line: " + line + " (expected: METHOD TARGET HTTP/1.1)");
    }
    var raw = new StringBuilder(line).append("\r\n");
    List<Header> headers = headers(raw);
    position++;
    return new RequestHead(
        parts[0], parts[1], parts[2], headers, raw.toString(), connection, position);
  }

  /// The body that follows a head; reading it to its end leaves the stream at the next request.
  public InputStream body(RequestHead head) throws BadRequest {
    List<String> lengths = head.headers("Content-Length");
    if (!head.headers("Transfer-Encoding").isEmpty()) {
      if (!lengths.isEmpty()) {
        throw new BadRequest("framing: Transfer-Encoding and Content-Length (expected: one)");
      }
      return new ChunkedBody(this, in);
    }
    if (lengths.isEmpty()) {
      return InputStream.nullInputStream();
    }
    if (lengths.size() > 1 || !lengths.getFirst().matches("[0-9]{1,18}")) {
      throw new BadRequest("Content-Length: " + lengths + " (expected: one number)");
    }
    return new SizedBody(in, Long.parseLong(lengths.getFirst()));
  }

  /// The fields up to the empty line, of a head or of a trailer section.
  List<Header> headers(StringBuilder raw) throws IOException {
    List<Header> headers = new ArrayList<>();
    while (true) {
      String line = line(false);
      if (line == null || line.isEmpty()) {
        return headers;
      }
      int colon = line.indexOf(':');
      if (colon <= 0 || !isToken(line.substring(0, colon))) {
        throw new BadRequest("field line: " + line + " (expected: name: value)");
      }
      raw.append(line).append("\r\n");
      if (raw.length() > MAX_HEAD_BYTES) {
        throw new BadRequest("head: too large (expected: at most " + MAX_HEAD_BYTES + " bytes)");
      }
      headers.add(new Header(line.substring(0, colon), line.substring(colon + 1).strip()));
    }
  }

  /// One line without its CRLF; null at the end of the stream where that is allowed.
  @Nullable String line(boolean endAllowed) throws IOException {
    var bytes = new ByteArrayOutputStream(128);
    while (true) {
      int next = in.read();
      if (next < 0) {
        if (endAllowed && bytes.size() == 0) {
          return null;
        }
        throw new EOFException("the stream ends within a line");
      }
      if (next == '\n') {
        break;
      }
      bytes.write(next);
      if (bytes.size() > MAX_HEAD_BYTES) {
        throw new BadRequest("line: too long (expected: at most " + MAX_HEAD_BYTES + " bytes)");
      }
    }
    String line = bytes.toString(StandardCharsets.ISO_8859_1);
    if (!line.endsWith("\r")) {
      throw new BadRequest("line: ends in LF (expected: CRLF)");
    }
    return line.substring(0, line.length() - 1);
  }

  private static boolean isToken(String text) {
    return !text.isEmpty() && text.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
  }
}
