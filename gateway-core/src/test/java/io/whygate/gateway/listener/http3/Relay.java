package io.whygate.gateway.listener.http3;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A translator of addresses between one client and the gateway, as a home router is one: it can
/// take another port towards the gateway at any time.
final class Relay implements AutoCloseable {
  private final DatagramSocket inside;
  private final InetSocketAddress gateway;
  private final AtomicInteger retries = new AtomicInteger();
  private volatile DatagramSocket outside;
  private volatile @Nullable SocketAddress client;

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

  private void outward() {
    byte[] bytes = new byte[2048];
    while (!inside.isClosed()) {
      try {
        DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
        inside.receive(packet);
        client = packet.getSocketAddress();
        outside.send(new DatagramPacket(bytes, packet.getLength(), gateway));
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
