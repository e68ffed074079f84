package io.whygate.gateway.listener.http3;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A translator of addresses between one client and the gateway, as a home router is one: it can
/// take another port towards the gateway at any time.
final class Relay implements AutoCloseable {
  private final DatagramSocket inside;
  private final InetSocketAddress gateway;
  private final AtomicInteger retries = new AtomicInteger();
  private volatile DatagramSocket outside;
  private final List<DatagramPacket> held = new ArrayList<>();
  private volatile @Nullable SocketAddress client;

  /// Guarded by `held`.
  private boolean holds;

  Relay(InetSocketAddress gateway) throws IOException {
    this.gateway = gateway;
    this.inside = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    this.outside = rebound();
    Thread.ofVirtual().start(this::outward);
  }

  private DatagramSocket rebound() throws IOException {
    DatagramSocket made = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(() -> inward(made));
    return made;
  }

  InetSocketAddress address() {
    return (InetSocketAddress) inside.getLocalSocketAddress();
  }

  /// The port that the gateway sees.
  int port() {
    return outside.getLocalPort();
  }

  /// Takes another port towards the gateway.
  void rebind() throws IOException {
    DatagramSocket before = outside;
    outside = rebound();
    before.close();
  }

  /// Retry packets that came from the gateway.
  int retries() {
    return retries.get();
  }

  /// Keeps back what the client sends from the end of its handshake on.
  void holdFinished() {
    synchronized (held) {
      holds = true;
    }
  }

  /// Sends what was kept back, and keeps nothing any more.
  void release() throws IOException {
    synchronized (held) {
      holds = false;
      for (DatagramPacket each : held) {
        outside.send(each);
      }
      held.clear();
    }
  }

  private boolean keeps(DatagramPacket packet) {
    synchronized (held) {
      if (holds && hasPacketOfHandshake(packet)) {
        held.add(packet);
        return true;
      }
      return false;
    }
  }

  /// Whether a datagram has a packet that is neither Initial nor 0-RTT (RFC 9000 section 17.2).
  private static boolean hasPacketOfHandshake(DatagramPacket datagram) {
    ByteBuffer in = ByteBuffer.wrap(datagram.getData(), 0, datagram.getLength());
    while (in.hasRemaining()) {
      int first = in.get();
      if (first == 0) {
        return false; // what fills the datagram up
      }
      int type = (first & 0x30) >> 4;
      if ((first & 0x80) == 0 || type > 1) {
        return true;
      }
      in.position(in.position() + Integer.BYTES);
      skip(in, in.get());
      skip(in, in.get());
      if (type == 0) {
        skip(in, variable(in));
      }
      skip(in, variable(in));
    }
    return false;
  }

  private static void skip(ByteBuffer in, int bytes) {
    in.position(in.position() + bytes);
  }

  /// An integer of variable length (RFC 9000 section 16).
  private static int variable(ByteBuffer in) {
    int first = in.get() & 0xFF;
    int value = first & 0x3F;
    for (int i = 1; i < 1 << (first >> 6); i++) {
      value = value << 8 | in.get() & 0xFF;
    }
    return value;
  }

  private void outward() {
    while (!inside.isClosed()) {
      try {
        byte[] bytes = new byte[2048];
        DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
        inside.receive(packet);
        client = packet.getSocketAddress();
        DatagramPacket onward = new DatagramPacket(bytes, packet.getLength(), gateway);
        if (!keeps(onward)) {
          outside.send(onward);
        }
      } catch (IOException e) {
        return;
      }
    }
  }

  private void inward(DatagramSocket from) {
    byte[] bytes = new byte[2048];
    while (!from.isClosed()) {
      try {
        DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
        from.receive(packet);
        if ((bytes[0] & 0xF0) == 0xF0) {
          retries.incrementAndGet();
        }
        SocketAddress to = client;
        if (to != null) {
          inside.send(new DatagramPacket(bytes, packet.getLength(), to));
        }
      } catch (IOException e) {
        return;
      }
    }
  }

  @Override
  public void close() {
    inside.close();
    outside.close();
  }
}
