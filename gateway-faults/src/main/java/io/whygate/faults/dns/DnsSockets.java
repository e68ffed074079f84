package io.whygate.faults.dns;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The UDP socket and the TCP listener of a DNS server, on one port number.
final class DnsSockets implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(DnsSockets.class);
  private static final int BIND_ATTEMPTS = 20;
  private static final int LARGEST_QUERY = 4096;

  private final DatagramSocket udp;
  private final ServerSocket tcp;
  private final Answerer answerer;
  private final Set<Socket> streams = ConcurrentHashMap.newKeySet();
  private final Thread udpReader;
  private final Thread tcpAcceptor;

  private DnsSockets(DatagramSocket udp, ServerSocket tcp, Answerer answerer) {
    this.udp = udp;
    this.tcp = tcp;
    this.answerer = answerer;
    String port = Integer.toString(udp.getLocalPort());
    udpReader = Thread.ofVirtual().name("dns-udp-" + port).unstarted(this::readDatagrams);
    tcpAcceptor = Thread.ofVirtual().name("dns-tcp-" + port).unstarted(this::acceptStreams);
  }

  /// Opens both on a port; 0 takes a number that is free for both.
  static DnsSockets open(InetAddress host, int port, Answerer answerer) throws IOException {
    for (int attempt = 1; ; attempt++) {
      DatagramSocket udp = new DatagramSocket(new InetSocketAddress(host, port));
      try {
        ServerSocket tcp = new ServerSocket();
        tcp.setReuseAddress(true);
        tcp.bind(udp.getLocalSocketAddress());
        DnsSockets sockets = new DnsSockets(udp, tcp, answerer);
        sockets.udpReader.start();
        sockets.tcpAcceptor.start();
        return sockets;
      } catch (BindException e) {
        udp.close();
        if (port != 0 || attempt == BIND_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  InetSocketAddress address() {
    return (InetSocketAddress) udp.getLocalSocketAddress();
  }

  @Override
  public void close() {
    try {
      udp.close();
      tcp.close();
      for (Socket stream : streams) {
        stream.close();
      }
      udpReader.join();
      tcpAcceptor.join();
    } catch (IOException e) {
      throw new UncheckedIOException("close " + udp.getLocalSocketAddress(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void readDatagrams() {
    while (true) {
      var packet = new DatagramPacket(new byte[LARGEST_QUERY], LARGEST_QUERY);
      try {
        udp.receive(packet);
      } catch (IOException closed) {
        return;
      }
      Thread.ofVirtual().name("dns-query").start(() -> answer(packet));
    }
  }

  private void answer(DatagramPacket packet) {
    try {
      byte[] query = Arrays.copyOf(packet.getData(), packet.getLength());
      Optional<byte[]> reply = answerer.answer(query, false);
      if (reply.isPresent()) {
        udp.send(new DatagramPacket(reply.get(), reply.get().length, packet.getSocketAddress()));
      }
    } catch (IOException e) {
      LOG.debug("no answer to {}: {}", packet.getSocketAddress(), e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void acceptStreams() {
    while (true) {
      try {
        Socket stream = tcp.accept();
        streams.add(stream);
        Thread.ofVirtual().name("dns-stream").start(() -> serve(stream));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket stream) {
    try (stream) {
      var in = new DataInputStream(stream.getInputStream());
      var out = new DataOutputStream(stream.getOutputStream());
      while (true) {
        byte[] query = new byte[in.readUnsignedShort()];
        in.readFully(query);
        Optional<byte[]> reply = answerer.answer(query, true);
        if (reply.isEmpty()) {
          in.transferTo(OutputStream.nullOutputStream());
          return;
        }
        byte[] framed = new byte[reply.get().length + 2];
        framed[0] = (byte) (reply.get().length >>> 8);
        framed[1] = (byte) reply.get().length;
        System.arraycopy(reply.get(), 0, framed, 2, reply.get().length);
        out.write(framed);
        out.flush();
      }
    } catch (IOException e) {
      LOG.debug("stream ended: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      streams.remove(stream);
    }
  }
}
