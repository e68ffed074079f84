package io.whygate.faults;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;

/// A client that says exactly the given bytes and reports how the connection ended.
final class RawClient implements Closeable {
  private static final int CONNECT_MILLIS = 2_000;

  private final Socket socket;

  RawClient(InetSocketAddress address) throws IOException {
    this(new Socket());
    socket.connect(address, CONNECT_MILLIS);
  }

  RawClient(Socket socket) {
    this.socket = socket;
  }

  /// What came, and how it ended: `closed`, `reset` or `silent`.
  record Heard(String text, String end) {}

  /// Asks for a page and waits for the end of the connection.
  static Heard get(FaultyServer server, String path) throws IOException {
    return get(server, path, 5_000);
  }

  /// Asks where silence is expected, with little patience.
  static Heard getBriefly(FaultyServer server, String path) throws IOException {
    return get(server, path, 300);
  }

  private static Heard get(FaultyServer server, String path, int silenceMillis) throws IOException {
    try (var client = new RawClient(server.address())) {
      client.send("GET " + path + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
      return client.hear(silenceMillis);
    } catch (SocketException e) {
      return new Heard("", "reset");
    }
  }

  RawClient send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    socket.getOutputStream().flush();
    return this;
  }

  /// Reads until the end, or until nothing came for so long.
  Heard hear(int silenceMillis) throws IOException {
    socket.setSoTimeout(silenceMillis);
    var heard = new ByteArrayOutputStream();
    byte[] buffer = new byte[64 * 1024];
    while (true) {
      try {
        int count = socket.getInputStream().read(buffer);
        if (count < 0) {
          return new Heard(heard.toString(ISO_8859_1), "closed");
        }
        heard.write(buffer, 0, count);
      } catch (SocketTimeoutException e) {
        return new Heard(heard.toString(ISO_8859_1), "silent");
      } catch (SocketException e) {
        return new Heard(heard.toString(ISO_8859_1), "reset");
      }
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
