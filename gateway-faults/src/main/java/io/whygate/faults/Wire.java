package io.whygate.faults;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;

/// The two streams of a connection, inside TLS where there is TLS, and the socket under them.
///
/// @param socket the TCP socket, whose close is seen at once by the other side
/// @param in what the client sends
/// @param out what the client gets; buffered
record Wire(Socket socket, InputStream in, OutputStream out) {
  private static final int BUFFER = 16 * 1024;

  static Wire counted(Socket socket, InputStream in, OutputStream out, Traffic traffic) {
    return new Wire(
        socket,
        new BufferedInputStream(new CountedInput(in, traffic), BUFFER),
        new BufferedOutputStream(new CountedOutput(out, traffic), BUFFER));
  }

  /// Sends what is buffered, then FIN.
  void close() throws IOException {
    out.flush();
    out.close();
    socket.close();
  }

  /// Sends what is buffered, then RST.
  void reset() throws IOException {
    out.flush();
    reset(socket);
  }

  static void reset(Socket socket) throws IOException {
    try {
      socket.setSoLinger(true, 0);
    } catch (SocketException alreadyClosed) {
      return;
    }
    socket.close();
  }

  /// Reads and drops until the client or the server closes.
  void drain() throws IOException {
    socket.setSoTimeout(0);
    in.transferTo(OutputStream.nullOutputStream());
  }

  private static final class CountedInput extends FilterInputStream {
    private final Traffic traffic;

    CountedInput(InputStream in, Traffic traffic) {
      super(in);
      this.traffic = traffic;
    }

    @Override
    public int read() throws IOException {
      int one = super.read();
      traffic.read(one < 0 ? 0 : 1);
      return one;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int count = super.read(buffer, offset, length);
      traffic.read(Math.max(0, count));
      return count;
    }
  }

  private static final class CountedOutput extends FilterOutputStream {
    private final Traffic traffic;

    CountedOutput(OutputStream out, Traffic traffic) {
      super(out);
      this.traffic = traffic;
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
      traffic.written(1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      traffic.written(length);
    }
  }
}
