package io.whygate.faults;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A TCP port that can be opened, closed and choked, and keeps its number all the while.
///
/// A second socket, bound and never listening, holds the number, so that no other program and no
/// outgoing connection gets it while the port is closed. Thread-safe.
final class Port implements Closeable {
  private static final int BACKLOG = 1024;

  /// Linux queues one connection more than the backlog; the rest is margin.
  private static final int FILLERS = 4;

  private final SocketChannel placeholder;
  private final InetSocketAddress address;
  private @Nullable ServerSocket listener;
  private @Nullable Thread acceptor;
  private final List<SocketChannel> fillers = new ArrayList<>();
  private volatile boolean accepting;

  Port(InetAddress host, int number) throws IOException {
    placeholder = SocketChannel.open();
    try {
      placeholder.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      placeholder.bind(new InetSocketAddress(host, number));
      address = (InetSocketAddress) placeholder.getLocalAddress();
    } catch (IOException e) {
      placeholder.close();
      throw new IOException("bind " + host.getHostAddress() + ":" + number, e);
    }
  }

  InetSocketAddress address() {
    return address;
  }

  int number() {
    return address.getPort();
  }

  boolean isListening() {
    return accepting;
  }

  /// Opens the port and hands each connection on, on a thread of its own.
  synchronized void listen(Consumer<Socket> accepted) {
    if (accepting) {
      return;
    }
    closeListener();
    ServerSocket opened = open(BACKLOG);
    listener = opened;
    accepting = true;
    acceptor =
        Thread.ofVirtual().name("faulty-accept-" + number()).start(() -> accept(opened, accepted));
  }

  /// Closes the port: the kernel answers RST.
  synchronized void stopListening() {
    closeListener();
  }

  /// Fills the queue of the port and accepts nothing: the kernel drops each SYN.
  synchronized void stopAnswering() {
    closeListener();
    listener = open(1);
    try {
      for (int i = 0; i < FILLERS; i++) {
        SocketChannel filler = SocketChannel.open();
        filler.configureBlocking(false);
        filler.connect(address);
        fillers.add(filler);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("fill the queue of " + address, e);
    }
  }

  @Override
  public synchronized void close() {
    closeListener();
    closeQuietly(placeholder);
  }

  private ServerSocket open(int backlog) {
    try {
      ServerSocket socket = new ServerSocket();
      socket.setReuseAddress(true);
      socket.bind(address, backlog);
      return socket;
    } catch (IOException e) {
      throw new UncheckedIOException("listen on " + address, e);
    }
  }

  private void accept(ServerSocket from, Consumer<Socket> accepted) {
    while (true) {
      try {
        accepted.accept(from.accept());
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void closeListener() {
    accepting = false;
    if (listener != null) {
      closeQuietly(listener);
      listener = null;
    }
    awaitAcceptor();
    fillers.forEach(Port::closeQuietly);
    fillers.clear();
  }

  /// Waits for the acceptor to leave: only then has the kernel let go of the listening socket.
  private void awaitAcceptor() {
    if (acceptor == null) {
      return;
    }
    try {
      acceptor.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    acceptor = null;
  }

  private static void closeQuietly(Closeable closeable) {
    try {
      closeable.close();
    } catch (IOException e) {
      throw new UncheckedIOException("close " + closeable, e);
    }
  }
}
