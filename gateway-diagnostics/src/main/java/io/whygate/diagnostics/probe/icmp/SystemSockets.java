package io.whygate.diagnostics.probe.icmp;

import io.whygate.diagnostics.facts.IcmpMessage;
import io.whygate.diagnostics.facts.IcmpMessage.Meaning;
import io.whygate.diagnostics.probe.icmp.Pinging.Outcome;
import java.lang.foreign.Arena;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/// Connections and pings by the system's own sockets, which tell what the JDK's do not: the ICMP
/// message behind an error.
///
/// Needs 64-bit Linux and native access; no right for connections, and for pings either
/// `net.ipv4.ping_group_range` or CAP_NET_RAW. Waiting parks the thread, so virtual threads may.
/// Thread-safe.
public final class SystemSockets {
  private static final int TCP = 6;
  private static final int ICMP = 1;
  private static final int ICMPV6 = 58;
  private static final int LONGEST_PACKET = 65_536;
  private static final int ANY_SOURCE_PORT = 54_321;
  private static final int SYN = 0x5002;
  private static final int WRONG_SUM = 0xBAD5;

  private final LinuxCalls calls;

  private SystemSockets(LinuxCalls calls) {
    this.calls = calls;
  }

  private static final class Found {
    static final Optional<SystemSockets> SOCKETS = open();

    private static Optional<SystemSockets> open() {
      boolean isLinux = System.getProperty("os.name", "").toLowerCase(Locale.ROOT).equals("linux");
      boolean isWide = System.getProperty("sun.arch.data.model", "").equals("64");
      if (!isLinux || !isWide || !SystemSockets.class.getModule().isNativeAccessEnabled()) {
        return Optional.empty();
      }
      try {
        return Optional.of(new SystemSockets(new LinuxCalls()));
      } catch (UnsupportedOperationException | NoSuchElementException e) {
        // A JDK without a linker for this machine, or a system library without these calls.
        return Optional.empty();
      }
    }
  }

  /// Those of this machine; empty where it is not 64-bit Linux, or where the program was started
  /// without `--enable-native-access`.
  public static Optional<SystemSockets> find() {
    return Found.SOCKETS;
  }

  /// Tries one connection and closes it at once.
  ///
  /// @param millis how long to wait for an answer
  /// @return empty where the system gives no socket
  public Optional<Connecting> connect(InetSocketAddress target, int millis) {
    return connect(target, millis, _ -> {});
  }

  /// Tries one connection, and closes it after this was done with it.
  ///
  /// @param millis how long to wait for an answer
  /// @param accepted what is done with it where it is accepted, by the thread that calls
  /// @return empty where the system gives no socket
  public Optional<Connecting> connect(
      InetSocketAddress target, int millis, Consumer<Conversation> accepted) {
    return Descriptor.open(calls, target.getAddress(), Descriptor.STREAM, TCP)
        .map(descriptor -> {
          try (descriptor) {
            Connecting tried = connect(descriptor, target, millis);
            if (tried.isAccepted()) {
              accepted.accept((request, limit, wait) -> ask(descriptor, request, limit, wait));
            }
            return tried;
          }
        });
  }

  private static Optional<byte[]> ask(Descriptor socket, byte[] request, int limit, int millis) {
    long until = until(millis);
    if (socket.send(request) != 0) {
      return Optional.of(new byte[0]);
    }
    return socket.await(Descriptor.READABLE, until)
        ? Optional.of(socket.receive(limit).orElse(new byte[0]))
        : Optional.empty();
  }

  private static Connecting connect(Descriptor socket, InetSocketAddress target, int millis) {
    long until = until(millis);
    int begun = socket.connect(target);
    if (begun != Errno.EINPROGRESS && begun != 0) {
      Optional<IcmpMessage> icmp = socket.icmp();
      return new Connecting(begun, icmp.isEmpty() && begun != Errno.ECONNREFUSED, icmp);
    }
    if (begun == 0 || socket.await(Descriptor.WRITABLE, until)) {
      int error = socket.error();
      Optional<IcmpMessage> icmp = socket.icmp();
      // A rule of this machine's own answers while the call is still under way: the message is
      // there, and the error comes with the next try only.
      if (error == 0 && icmp.isPresent()) {
        error = errorOf(icmp.get());
      }
      return new Connecting(error, false, icmp);
    }
    return new Connecting(Errno.ETIMEDOUT, false, Optional.empty());
  }

  private static int errorOf(IcmpMessage icmp) {
    return switch (icmp.meaning()) {
      case PORT_UNREACHABLE -> Errno.ECONNREFUSED;
      case NETWORK_UNREACHABLE -> Errno.ENETUNREACH;
      case HOST_UNREACHABLE, PROTOCOL_UNREACHABLE, PROHIBITED, TOO_LARGE, OTHER ->
          Errno.EHOSTUNREACH;
    };
  }

  /// The ICMP message that a socket of another's was told (`IP_RECVERR`, `IPV6_RECVERR`), taken out
  /// of its error queue; empty where none is there. Does not wait.
  ///
  /// @param descriptor the number of the socket, which is open
  public Optional<IcmpMessage> told(int descriptor) {
    try (Arena arena = Arena.ofConfined()) {
      return Descriptor.icmp(calls, arena, descriptor);
    }
  }

  /// Sends pings of several sizes at once, which are never cut on the way, and waits for the
  /// answers.
  ///
  /// @param sizes of the whole packets, bytes; the smallest that can be is sent for less
  /// @param millis how long to wait for all of them
  public Pinging ping(InetAddress to, List<Integer> sizes, int millis) {
    int protocol = to instanceof Inet6Address ? ICMPV6 : ICMP;
    Optional<Descriptor> datagram = Descriptor.open(calls, to, Descriptor.DATAGRAM, protocol);
    Optional<Descriptor> socket =
        datagram.or(() -> Descriptor.open(calls, to, Descriptor.RAW, protocol));
    if (socket.isEmpty()) {
      return Pinging.of(Outcome.NOT_ALLOWED);
    }
    try (Descriptor open = socket.get()) {
      boolean headed = datagram.isEmpty() && !(to instanceof Inet6Address);
      return ping(open, to, headed, sizes, until(millis));
    }
  }

  private static Pinging ping(
      Descriptor socket, InetAddress to, boolean headed, List<Integer> sizes, long until) {
    socket.sendWhole();
    if (Errno.isNoWay(socket.connect(new InetSocketAddress(to, 0)))) {
      return Pinging.of(Outcome.UNROUTED);
    }
    var echo = new Echo(to instanceof Inet6Address, ThreadLocalRandom.current().nextLong());
    long begun = System.nanoTime();
    int blocked = 0;
    for (int i = 0; i < sizes.size(); i++) {
      int error = socket.send(echo.request(i, sizes.get(i)));
      if (error == Errno.EPERM || error == Errno.EACCES) {
        blocked++;
      }
    }
    if (blocked == sizes.size()) {
      return Pinging.of(Outcome.BLOCKED_HERE);
    }
    var answered = new TreeSet<Integer>();
    int distinct = new TreeSet<>(sizes).size();
    long micros = -1;
    Optional<IcmpMessage> icmp = Optional.empty();
    while (answered.size() < distinct && socket.await(Descriptor.READABLE, until)) {
      // Reading the error lets the socket be waited for again.
      socket.error();
      Optional<IcmpMessage> next = socket.icmp();
      icmp = next.isPresent() ? next : icmp;
      if (icmp.filter(message -> message.meaning() != Meaning.TOO_LARGE).isPresent()) {
        return new Pinging(Outcome.REFUSED, List.copyOf(answered), micros, icmp);
      }
      Optional<byte[]> packet = socket.receive(LONGEST_PACKET);
      int number = packet.map(bytes -> echo.answered(bytes, headed)).orElse(-1);
      if (number >= 0 && number < sizes.size()) {
        answered.add(sizes.get(number));
        micros = micros < 0 ? (System.nanoTime() - begun) / 1_000 : micros;
      }
    }
    Outcome outcome = answered.isEmpty() ? Outcome.SILENT : Outcome.ANSWERED;
    return new Pinging(outcome, List.copyOf(answered), micros, icmp);
  }

  /// Whether a first packet of a connection to this target may leave this machine: false where its
  /// own firewall discards it; empty where the system does not let this process ask (CAP_NET_RAW).
  ///
  /// Sends the first segment of a connection with a wrong checksum, which no one on the way or at
  /// the end takes for one.
  public Optional<Boolean> mayLeave(InetSocketAddress target) {
    return Descriptor.open(calls, target.getAddress(), Descriptor.RAW, TCP)
        .flatMap(descriptor -> {
          try (descriptor) {
            if (descriptor.connect(new InetSocketAddress(target.getAddress(), 0)) != 0) {
              return Optional.empty();
            }
            byte[] segment =
                ByteBuffer.allocate(20)
                    .putShort((short) ANY_SOURCE_PORT)
                    .putShort((short) target.getPort())
                    .putInt(0)
                    .putInt(0)
                    .putShort((short) SYN)
                    .putShort((short) 1_024)
                    .putShort((short) WRONG_SUM)
                    .array();
            int error = descriptor.send(segment);
            return Optional.of(error != Errno.EPERM && error != Errno.EACCES);
          }
        });
  }

  /// Whether an address on one of this machine's own segments was answered for by ARP or NDP; empty
  /// where nobody asked, or where it is on none.
  public Optional<Boolean> isAnsweringNeighbour(InetAddress address) {
    return new NeighbourTable(calls).isAnswered(address);
  }

  private static long until(int millis) {
    return System.nanoTime() + millis * 1_000_000L;
  }
}
