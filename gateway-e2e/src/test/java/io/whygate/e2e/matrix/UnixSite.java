package io.whygate.e2e.matrix;

import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// A site on a Unix socket: one answer for each connection.
final class UnixSite implements Closeable {
  private static final String ANSWER =
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

  private final Path socket;
  private final ServerSocketChannel server;
  private final Thread acceptor;

  private UnixSite(Path socket) throws IOException {
    this.socket = socket;
    Files.deleteIfExists(socket);
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    acceptor = Thread.ofPlatform().daemon().name("unix-site").start(this::serve);
  }

  static UnixSite at(Path socket) throws IOException {
    return new UnixSite(socket);
  }

  private void serve() {
    while (server.isOpen()) {
      try (SocketChannel client = server.accept()) {
        ByteBuffer request = ByteBuffer.allocate(8192);
        client.read(request);
        client.write(ByteBuffer.wrap(ANSWER.getBytes(StandardCharsets.US_ASCII)));
      } catch (IOException e) {
        // The client or the site is gone; the loop looks which.
        continue;
      }
    }
  }

  /// Ends it; the file of the socket stays. Once this returns nothing listens there: the system
  /// lets go of a listening socket only when no thread accepts on it any more.
  @Override
  public void close() throws IOException {
    server.close();
    try {
      acceptor.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Ends it, and takes the file away.
  void vanish() throws IOException {
    close();
    Files.deleteIfExists(socket);
  }
}
