package io.whygate.diagnostics.probe.icmp;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.whygate.diagnostics.facts.IcmpMessage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/// One socket of the system's, towards one address, that keeps the ICMP messages it causes
/// (`IP_RECVERR`). Confined to the thread that opened it.
final class Descriptor implements AutoCloseable {
  static final int STREAM = 1;
  static final int DATAGRAM = 2;
  static final int RAW = 3;
  static final int READABLE = 1;
  static final int WRITABLE = 4;

  private static final int FAILED = 8;
  private static final int HUNG_UP = 0x10;
  private static final int NONBLOCKING_AND_CLOSED_ON_EXEC = 0x800 | 0x80000;
  private static final int DONT_WAIT = 0x40;
  private static final int ERROR_QUEUE = 0x2000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_ERROR = 4;
  private static final int SOL_IP = 0;
  private static final int IP_MTU_DISCOVER = 10;
  private static final int IP_RECVERR = 11;
  private static final int SOL_IPV6 = 41;
  private static final int IPV6_MTU_DISCOVER = 23;
  private static final int IPV6_RECVERR = 25;
  private static final int IPV6_DONTFRAG = 62;

  /// Never cut, and never mind what is known of the path (`IP_PMTUDISC_PROBE`).
  private static final int WHOLE = 3;

  private static final int MESSAGE_HEADER = 56;
  private static final int CONTROL = 512;
  private static final int ICMP = 2;
  private static final int ICMPV6 = 3;
  private static final long FIRST_PAUSE_NANOS = 100_000;
  private static final long LONGEST_PAUSE_NANOS = 4_000_000;

  private final LinuxCalls calls;
  private final Arena arena;
  private final int number;
  private final boolean v6;

  private Descriptor(LinuxCalls calls, Arena arena, int number, boolean v6) {
    this.calls = calls;
    this.arena = arena;
    this.number = number;
    this.v6 = v6;
  }

  /// A socket for the family of an address; empty where the system gives none. Its memory is given
  /// back when it is closed.
  @SuppressWarnings("MustBeClosedChecker")
  static Optional<Descriptor> open(LinuxCalls calls, InetAddress to, int type, int protocol) {
    Arena arena = Arena.ofConfined();
    boolean v6 = to instanceof Inet6Address;
    int number = calls.socket(arena, v6 ? 10 : 2, type | NONBLOCKING_AND_CLOSED_ON_EXEC, protocol);
    if (number < 0) {
      arena.close();
      return Optional.empty();
    }
    var descriptor = new Descriptor(calls, arena, number, v6);
    descriptor.set(v6 ? SOL_IPV6 : SOL_IP, v6 ? IPV6_RECVERR : IP_RECVERR, 1);
    return Optional.of(descriptor);
  }

  /// Packets go as they are, or not at all.
  void sendWhole() {
    set(v6 ? SOL_IPV6 : SOL_IP, v6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, WHOLE);
    if (v6) {
      set(SOL_IPV6, IPV6_DONTFRAG, 1);
    }
  }

  private void set(int level, int name, int value) {
    calls.setOption(arena, number, level, name, value);
  }

  /// Begins to connect: 0, or the number of an error ([Errno#EINPROGRESS] where it goes on).
  int connect(InetSocketAddress target) {
    return -calls.connect(arena, number, address(target));
  }

  /// The error that ended it, or 0.
  int error() {
    return Math.abs(calls.option(arena, number, SOL_SOCKET, SO_ERROR));
  }

  /// Sends one packet: 0, or the number of an error.
  int send(byte[] packet) {
    int sent = calls.send(arena, number, arena.allocateFrom(JAVA_BYTE, packet), DONT_WAIT);
    return Math.max(0, -sent);
  }

  /// The next packet that came; empty where none is there.
  Optional<byte[]> receive(int limit) {
    MemorySegment into = arena.allocate(limit);
    int length = calls.receive(arena, number, into, DONT_WAIT);
    return length < 0 ? Optional.empty() : Optional.of(into.asSlice(0, length).toArray(JAVA_BYTE));
  }

  /// Waits until it is ready or has failed, or until a moment of [System#nanoTime()]; false then.
  /// Parks between short looks, so a virtual thread gives its carrier back.
  boolean await(int ready, long untilNanos) {
    MemorySegment poll = arena.allocate(8, 4);
    poll.set(JAVA_INT, 0, number);
    poll.set(JAVA_SHORT, 4, (short) ready);
    long pause = FIRST_PAUSE_NANOS;
    while (true) {
      if (calls.poll(arena, poll, 1) > 0
          && (poll.get(JAVA_SHORT, 6) & (ready | FAILED | HUNG_UP)) != 0) {
        return true;
      }
      long left = untilNanos - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      LockSupport.parkNanos(Math.min(pause, left));
      pause = Math.min(pause * 3 / 2, LONGEST_PAUSE_NANOS);
    }
  }

  /// The next ICMP message that answered what was sent; empty where none is there.
  Optional<IcmpMessage> icmp() {
    return icmp(calls, arena, number);
  }

  /// The next ICMP message in the error queue of any socket; empty where none is there.
  static Optional<IcmpMessage> icmp(LinuxCalls calls, Arena arena, int number) {
    MemorySegment control = arena.allocate(CONTROL, 8);
    MemorySegment message = arena.allocate(MESSAGE_HEADER, 8);
    message.set(ADDRESS, 32, control);
    message.set(JAVA_LONG, 40, CONTROL);
    if (calls.receiveMessage(arena, number, message, ERROR_QUEUE | DONT_WAIT) < 0) {
      return Optional.empty();
    }
    long length = Math.min(message.get(JAVA_LONG, 40), CONTROL);
    for (long at = 0; at + 16 <= length; ) {
      long size = control.get(JAVA_LONG, at);
      int level = control.get(JAVA_INT, at + 8);
      int type = control.get(JAVA_INT, at + 12);
      if ((level == SOL_IP && type == IP_RECVERR) || (level == SOL_IPV6 && type == IPV6_RECVERR)) {
        return extended(control.asSlice(at + 16, length - at - 16));
      }
      at += Math.max(16, (size + 7) & ~7L);
    }
    return Optional.empty();
  }

  /// Reads a `struct sock_extended_err` and the address of the offender behind it.
  private static Optional<IcmpMessage> extended(MemorySegment error) {
    int origin = error.get(JAVA_BYTE, 4);
    if (origin != ICMP && origin != ICMPV6) {
      return Optional.empty();
    }
    int type = error.get(JAVA_BYTE, 5) & 0xFF;
    int code = error.get(JAVA_BYTE, 6) & 0xFF;
    byte[] from =
        origin == ICMP
            ? error.asSlice(16 + 4, 4).toArray(JAVA_BYTE)
            : error.asSlice(16 + 8, 16).toArray(JAVA_BYTE);
    try {
      InetAddress sender = InetAddress.getByAddress(from);
      return Optional.of(new IcmpMessage(sender, isOwn(sender), type, code));
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean isOwn(InetAddress sender) {
    try {
      return sender.isLoopbackAddress() || NetworkInterface.getByInetAddress(sender) != null;
    } catch (SocketException e) {
      return false;
    }
  }

  /// A `struct sockaddr_in` or `sockaddr_in6`.
  private MemorySegment address(InetSocketAddress target) {
    MemorySegment address = arena.allocate(v6 ? 28 : 16, 4);
    address.set(JAVA_SHORT, 0, (short) (v6 ? 10 : 2));
    address.set(JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN), 2, (short) target.getPort());
    byte[] bytes = target.getAddress().getAddress();
    MemorySegment.copy(bytes, 0, address, JAVA_BYTE, v6 ? 8 : 4, bytes.length);
    if (target.getAddress() instanceof Inet6Address scoped) {
      address.set(JAVA_INT, 24, scoped.getScopeId());
    }
    return address;
  }

  @Override
  public void close() {
    calls.close(arena, number);
    arena.close();
  }
}
