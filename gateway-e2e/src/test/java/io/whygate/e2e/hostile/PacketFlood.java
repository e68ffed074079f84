package io.whygate.e2e.hostile;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.quic.QuicSslContext;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;

/// Sends packets by UDP as they are, and hears nothing of what comes back.
///
/// @param packets sent in turn
/// @param burst so many at once, then a pause of a millisecond
record PacketFlood(List<byte[]> packets, int burst) {
  private static final int LARGEST = 1500;
  private static final int PATIENCE_MILLIS = 5000;

  /// The first packets of handshakes that are never gone on with: each has a ClientHello in whole,
  /// for which a key is made, a certificate signed and a connection kept.
  static PacketFlood initials(EventLoopGroup loop, QuicSslContext tls, int count, int burst)
      throws IOException {
    List<byte[]> packets = new ArrayList<>();
    try (DatagramSocket sink = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
      sink.setSoTimeout(PATIENCE_MILLIS);
      var address = (InetSocketAddress) sink.getLocalSocketAddress();
      DatagramPacket packet = new DatagramPacket(new byte[LARGEST], LARGEST);
      for (int i = 0; i < count; i++) {
        Channel socket = QuicClient.socket(loop, tls, address, 1);
        QuicClient.begin(socket, address);
        sink.receive(packet);
        packets.add(Arrays.copyOf(packet.getData(), packet.getLength()));
        socket.close();
      }
    }
    return new PacketFlood(packets, burst);
  }

  /// Packets that belong to nothing: of versions that are not there, which are to be answered with
  /// those that are, of connections that are not there, and of mere bytes.
  static PacketFlood strays(int count, int burst) {
    Random random = new Random(1);
    List<byte[]> packets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] packet = new byte[1200];
      random.nextBytes(packet);
      switch (i % 3) {
        case 0 -> {
          packet[0] = (byte) 0xc0;
          packet[5] = 8;
          packet[14] = 8;
        }
        case 1 -> packet[0] = 0x40;
        default -> {}
      }
      packets.add(packet);
    }
    return new PacketFlood(packets, burst);
  }

  /// Sends until it is over.
  void play(InetSocketAddress gateway, BooleanSupplier isOver) throws InterruptedException {
    try (DatagramSocket socket = new DatagramSocket()) {
      for (int i = 0; !isOver.getAsBoolean(); i = (i + 1) % packets.size()) {
        byte[] packet = packets.get(i);
        socket.send(new DatagramPacket(packet, packet.length, gateway));
        if (i % burst == 0) {
          Thread.sleep(1);
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
