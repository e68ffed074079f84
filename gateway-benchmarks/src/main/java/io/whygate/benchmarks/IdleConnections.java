package io.whygate.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Connections that were used for one request each and are left open.
final class IdleConnections implements AutoCloseable {
  private final List<SocketChannel> open = new ArrayList<>();

  private IdleConnections() {}

  static IdleConnections open(int port, int count) throws IOException {
    IdleConnections connections = new IdleConnections();
    try {
      for (int i = 0; i < count; i++) {
        connections.open.add(
            SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
      }
      ByteBuffer answer = ByteBuffer.allocate(16 * 1024);
      for (SocketChannel each : connections.open) {
        request(each, answer);
      }
      return connections;
    } catch (IOException e) {
      connections.close();
      throw e;
    }
  }

  /// One request for 1 KiB, read to its end.
  private static void request(SocketChannel channel, ByteBuffer answer) throws IOException {
    channel.write(
        ByteBuffer.wrap(
            "GET /1k HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
    answer.clear();
    while (true) {
      if (channel.read(answer) < 0) {
        throw new IOException("an idle connection was closed (expected: an answer of 1 KiB)");
      }
      String text = StandardCharsets.ISO_8859_1.decode(answer.duplicate().flip()).toString();
      int head = text.indexOf("\r\n\r\n");
      if (head >= 0 && text.length() >= head + 4 + 1024) {
        if (!text.startsWith("HTTP/1.1 200")) {
          throw new IOException("answered " + text.lines().findFirst().orElse(""));
        }
        return;
      }
    }
  }

  @Override
  public void close() {
    for (SocketChannel each : open) {
      try {
        each.close();
      } catch (IOException _) {
        // The other side was faster.
      }
    }
  }
}
