package io.whygate.faults.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/// A chunked body (RFC 9112 section 7.1); its trailer section is read and dropped.
final class ChunkedBody extends InputStream {
  private final RequestReader lines;
  private final InputStream in;
  private long left;
  private boolean first = true;
  private boolean ended;

  ChunkedBody(RequestReader lines, InputStream in) {
    this.lines = lines;
    this.in = in;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (left == 0 && !ended) {
      nextChunk();
    }
    if (ended) {
      return -1;
    }
    int count = in.read(buffer, offset, (int) Math.min(length, left));
    if (count < 0) {
      throw new EOFException("the body ends within a chunk");
    }
    left -= count;
    return count;
  }

  private void nextChunk() throws IOException {
    if (!first && !"".equals(lines.line(false))) {
      throw new BadRequest("chunk: longer than its size");
    }
    first = false;
    String line = String.valueOf(lines.line(false));
    String size = line.split(";", 2)[0].strip();
    if (!size.matches("[0-9A-Fa-f]{1,15}")) {
      throw new BadRequest("chunk size: " + line + " (expected: hexadecimal digits)");
    }
    left = Long.parseLong(size, 16);
    if (left == 0) {
      lines.headers(new StringBuilder());
      ended = true;
    }
  }
}
