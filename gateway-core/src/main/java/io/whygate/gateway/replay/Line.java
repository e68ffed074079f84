package io.whygate.gateway.replay;

import io.whygate.diagnostics.facts.Endpoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;

/// A connection that is read and written by one thread, each read within a limit.
sealed interface Line extends AutoCloseable {
  /// @throws SocketTimeoutException where nothing came within the limit
  int read(byte[] into, Duration limit) throws IOException;

  OutputStream out() throws IOException;

  @Override
  void close() throws IOException;

  /// A connection by TCP, perhaps with TLS on it.
  record Tcp(Socket socket) implements Line {
    static Tcp to(InetAddress address, int port, Duration limit) throws IOException {
      Socket socket = new Socket();
      try {
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(address, port), millis(limit));
        return new Tcp(socket);
      } catch (IOException e) {
        socket.close();
        throw e;
      }
    }

    @Override
    public int read(byte[] into, Duration limit) throws IOException {
      socket.setSoTimeout(millis(limit));
      return socket.getInputStream().read(into);
    }

    @Override
    public OutputStream out() throws IOException {
      return socket.getOutputStream();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  /// A connection to a Unix socket; its reads are limited by closing it.
  record Unix(SocketChannel channel, InputStream in) implements Line {
    static Unix to(Endpoint endpoint) throws IOException {
      SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        channel.connect(UnixDomainSocketAddress.of(Path.of(endpoint.host())));
        return new Unix(channel, Channels.newInputStream(channel));
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    }

    @Override
    public int read(byte[] into, Duration limit) throws IOException {
      Thread watchdog = Thread.ofVirtual().start(() -> closeAfter(limit));
      try {
        return in.read(into);
      } catch (ClosedChannelException e) {
        SocketTimeoutException late = new SocketTimeoutException("nothing came in time");
        late.initCause(e);
        throw late;
      } finally {
        watchdog.interrupt();
      }
    }

    private void closeAfter(Duration limit) {
      try {
        Thread.sleep(limit);
        channel.close();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      } catch (IOException _) {
        // It is closed all the same.
      }
    }

    @Override
    public OutputStream out() {
      return Channels.newOutputStream(channel);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  private static int millis(Duration limit) {
    return Math.clamp(limit.toMillis(), 1, Integer.MAX_VALUE);
  }
}
