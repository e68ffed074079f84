package io.whygate.gateway.syslog;

import io.whygate.diagnostics.probe.log.ReceivedLogs;
import io.whygate.gateway.config.ListenerSettings.KeyPair;
import io.whygate.gateway.config.SyslogSettings;
import io.whygate.gateway.trust.Trust;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A listener for streams of messages, within TLS where it has a certificate: a virtual thread a
/// connection, and a bound on how many there are.
final class StreamDoor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StreamDoor.class);
  private static final Duration HANDSHAKE = Duration.ofSeconds(10);
  private static final Duration IDLE = Duration.ofMinutes(30);

  private final ServerSocket server;
  private final @Nullable SSLSocketFactory tls;
  private final SyslogSettings settings;
  private final ReceivedLogs logs;
  private final Semaphore connections;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  private StreamDoor(
      ServerSocket server,
      @Nullable SSLSocketFactory tls,
      SyslogSettings settings,
      ReceivedLogs logs,
      Semaphore connections) {
    this.server = server;
    this.tls = tls;
    this.settings = settings;
    this.logs = logs;
    this.connections = connections;
  }

  /// @param connections how many more there may be, over all listeners
  static StreamDoor open(
      SyslogSettings.Door door, SyslogSettings settings, ReceivedLogs logs, Semaphore connections)
      throws IOException {
    SSLSocketFactory tls = factory(door.identity());
    ServerSocket server = new ServerSocket();
    try {
      server.bind(door.bind());
    } catch (IOException e) {
      server.close();
      throw e;
    }
    StreamDoor opened = new StreamDoor(server, tls, settings, logs, connections);
    Thread.ofVirtual().name("syslog-accept").start(opened::accept);
    return opened;
  }

  InetSocketAddress address() {
    return (InetSocketAddress) server.getLocalSocketAddress();
  }

  private static @Nullable SSLSocketFactory factory(Optional<KeyPair> identity) throws IOException {
    if (identity.isEmpty()) {
      return null;
    }
    try {
      return new Trust(List.of(), identity).context().getSocketFactory();
    } catch (IllegalStateException e) {
      throw new IOException("the certificate cannot be used: " + e.getMessage(), e);
    }
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        if (settings.isSender(socket.getInetAddress()) && connections.tryAcquire()) {
          open.add(socket);
          Thread.ofVirtual().name("syslog-stream").start(() -> serve(socket));
        } else {
          socket.close();
        }
      } catch (IOException e) {
        if (!server.isClosed()) {
          LOG.warn("a syslog connection could not be taken: {}", e.toString());
        }
      }
    }
  }

  private void serve(Socket socket) {
    try (socket;
        Socket stream = secured(socket)) {
      stream.setSoTimeout((int) IDLE.toMillis());
      Frames frames =
          new Frames(new BufferedInputStream(stream.getInputStream()), settings.maxMessageSize());
      while (frames.next()) {
        logs.received(socket.getInetAddress(), frames.bytes(), frames.length());
      }
    } catch (IOException | RuntimeException e) {
      LOG.debug("a syslog connection ended: {}", e.toString());
    } finally {
      open.remove(socket);
      connections.release();
    }
  }

  private Socket secured(Socket socket) throws IOException {
    if (tls == null) {
      return socket;
    }
    socket.setSoTimeout((int) HANDSHAKE.toMillis());
    SSLSocket secured = (SSLSocket) tls.createSocket(socket, null, socket.getPort(), true);
    secured.setUseClientMode(false);
    secured.startHandshake();
    return secured;
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
