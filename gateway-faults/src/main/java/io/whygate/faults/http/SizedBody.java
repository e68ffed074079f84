package io.whygate.faults.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/// A body of a length known ahead. Closing it does not close the connection.
final class SizedBody extends InputStream {
  private final InputStream in;
  private long left;

  SizedBody(InputStream in, long length) {
    this.in = in;
    this.left = length;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (left == 0) {
      return -1;
    }
    int count = in.read(buffer, offset, (int) Math.min(length, left));
    if (count < 0) {
      throw new EOFException("the body ends " + left + " bytes early");
    }
    left -= count;
    return count;
  }
}
