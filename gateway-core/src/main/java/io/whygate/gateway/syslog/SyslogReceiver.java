package io.whygate.gateway.syslog;

import io.whygate.diagnostics.probe.log.ReceivedLogs;
import io.whygate.gateway.config.SyslogSettings;
import io.whygate.gateway.config.SyslogSettings.Door;
import io.whygate.gateway.config.SyslogSettings.Transport;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Receives syslog messages of the servers that the configuration names, and keeps their latest.
///
/// Plain sockets on virtual threads: no event loop that serves visitors has a part in it.
public final class SyslogReceiver implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SyslogReceiver.class);
  private static final int LARGEST_DATAGRAM = 65_535;

  private final SyslogSettings settings;
  private final ReceivedLogs logs;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final List<InetSocketAddress> addresses = new ArrayList<>();

  private SyslogReceiver(SyslogSettings settings, ReceivedLogs logs) {
    this.settings = settings;
    this.logs = logs;
  }

  /// Starts to receive at all places that the settings name.
  ///
  /// @throws IOException where one cannot be bound; none is open then
  public static SyslogReceiver start(SyslogSettings settings, ReceivedLogs logs)
      throws IOException {
    SyslogReceiver receiver = new SyslogReceiver(settings, logs);
    Semaphore connections = new Semaphore(settings.maxConnections());
    try {
      for (Door door : settings.listeners()) {
        if (door.transport() == Transport.UDP) {
          receiver.datagrams(door);
        } else {
          StreamDoor stream = StreamDoor.open(door, settings, logs, connections);
          receiver.open.push(stream);
          receiver.addresses.add(stream.address());
        }
      }
      return receiver;
    } catch (IOException e) {
      receiver.close();
      throw e;
    }
  }

  /// Where it receives, in the order of the settings.
  public List<InetSocketAddress> addresses() {
    return List.copyOf(addresses);
  }

  private void datagrams(Door door) throws IOException {
    DatagramSocket socket = new DatagramSocket(door.bind());
    open.push(socket);
    addresses.add((InetSocketAddress) socket.getLocalSocketAddress());
    Thread.ofVirtual().name("syslog-udp").start(() -> receive(socket));
  }

  private void receive(DatagramSocket socket) {
    DatagramPacket packet = new DatagramPacket(new byte[LARGEST_DATAGRAM], LARGEST_DATAGRAM);
    while (!socket.isClosed()) {
      try {
        packet.setLength(LARGEST_DATAGRAM);
        socket.receive(packet);
        if (settings.isSender(packet.getAddress())) {
          logs.received(packet.getAddress(), packet.getData(), packet.getLength());
        }
      } catch (IOException | RuntimeException e) {
        if (!socket.isClosed()) {
          LOG.warn("a syslog datagram could not be taken: {}", e.toString());
        }
      }
    }
  }

  @Override
  public void close() {
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        LOG.debug("a syslog listener did not close", e);
      }
    }
  }
}
