package io.whygate.e2e.lab;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/// A UDP socket of a client of QUIC that sends each of its packets in a datagram of its own, keeps
/// copies of what it sends early, can hold the end of a handshake back, and can be taken away from
/// the client altogether.
public final class TappedSocket extends DatagramSocket {
  private static final int LONG_HEADER = 0x80;
  private static final int INITIAL = 0;
  private static final int EARLY = 1;
  private static final int LEAST_INITIAL = 1200;

  private final ReentrantLock lock = new ReentrantLock();
  private final List<DatagramPacket> sent = new ArrayList<>();
  private final List<DatagramPacket> held = new ArrayList<>();
  private boolean holds;
  private boolean waits;
  private volatile Receiver receiver;

  /// Takes what comes in place of the client.
  public interface Receiver {
    void received(byte[] datagram);
  }

  public TappedSocket() throws SocketException {
    super(0, InetAddress.getLoopbackAddress());
  }

  /// From now on the client neither sends nor receives anything.
  public void takeOver(Receiver instead) {
    receiver = instead;
  }

  /// Keeps back what the client sends from the end of its handshake on, and what comes before it
  /// until the client repeats its greeting: so all that comes early goes out with the greeting, to
  /// the connection id that the client chose.
  public void holdFinished() {
    lock.lock();
    try {
      holds = true;
      waits = true;
    } finally {
      lock.unlock();
    }
  }

  /// Sends what was kept back.
  public void release() throws IOException {
    lock.lock();
    try {
      holds = false;
      for (DatagramPacket each : held) {
        super.send(each);
      }
      held.clear();
    } finally {
      lock.unlock();
    }
  }

  /// The client's greeting and what came early with it, each as a datagram.
  public List<DatagramPacket> greeting() {
    lock.lock();
    try {
      return List.copyOf(sent);
    } finally {
      lock.unlock();
    }
  }

  /// Sends past the client.
  public void sendForged(DatagramPacket packet) throws IOException {
    super.send(packet);
  }

  @Override
  public void send(DatagramPacket datagram) throws IOException {
    if (receiver != null) {
      return;
    }
    byte[] bytes = Arrays.copyOf(datagram.getData(), datagram.getLength());
    int from = 0;
    while (from < bytes.length && bytes[from] != 0) {
      int end = endOfPacket(bytes, from);
      one(bytes, from, end, datagram);
      from = end;
    }
  }

  private void one(byte[] bytes, int from, int end, DatagramPacket datagram) throws IOException {
    boolean isLong = (bytes[from] & LONG_HEADER) != 0;
    int type = isLong ? (bytes[from] & 0x30) >> 4 : Integer.MAX_VALUE;
    byte[] packet = Arrays.copyOfRange(bytes, from, end);
    if (type == INITIAL && packet.length < LEAST_INITIAL) {
      // What it was filled up with went its own way: bytes that belong to nothing do as well.
      packet = Arrays.copyOf(packet, LEAST_INITIAL);
    }
    DatagramPacket alone = new DatagramPacket(packet, packet.length, datagram.getSocketAddress());
    lock.lock();
    try {
      boolean isRepeated = type == INITIAL && !sent.isEmpty();
      if (type == EARLY || (type == INITIAL && !isRepeated)) {
        sent.add(alone);
      }
      if (waits && isRepeated) {
        waits = false;
        for (DatagramPacket each : sent) {
          super.send(each);
        }
      } else if (holds && type > EARLY) {
        held.add(alone);
      } else if (!waits) {
        super.send(alone);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Where a packet ends that others may follow in its datagram (RFC 9000 section 17.2).
  private static int endOfPacket(byte[] bytes, int from) {
    if ((bytes[from] & LONG_HEADER) == 0) {
      return bytes.length;
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    in.position(from + 1 + Integer.BYTES);
    skip(in, in.get());
    skip(in, in.get());
    if ((bytes[from] & 0x30) >> 4 == INITIAL) {
      skip(in, variable(in));
    }
    skip(in, variable(in));
    return in.position();
  }

  private static void skip(ByteBuffer in, int bytes) {
    in.position(in.position() + bytes);
  }

  /// An integer of variable length (RFC 9000 section 16).
  private static int variable(ByteBuffer in) {
    int first = in.get() & 0xff;
    int value = first & 0x3f;
    for (int i = 1; i < 1 << (first >> 6); i++) {
      value = value << Byte.SIZE | Byte.toUnsignedInt(in.get());
    }
    return value;
  }

  @Override
  public void receive(DatagramPacket packet) throws IOException {
    while (true) {
      super.receive(packet);
      Receiver instead = receiver;
      if (instead == null) {
        return;
      }
      instead.received(Arrays.copyOf(packet.getData(), packet.getLength()));
      packet.setLength(packet.getData().length);
    }
  }
}
