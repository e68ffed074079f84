package io.whygate.diagnostics.probe.icmp;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;

/// The system's table of neighbours (ARP, and NDP of RFC 4861), asked by rtnetlink, which needs no
/// right: for IPv6 there is no file that tells it.
final class NeighbourTable {
  private static final int AF_NETLINK = 16;
  private static final int RAW_AND_CLOSED_ON_EXEC = 3 | 0x800 | 0x80000;
  private static final int ROUTE = 0;
  private static final short GET_NEIGHBOURS = 30;
  private static final short NEW_NEIGHBOUR = 28;
  private static final short REQUEST_ALL = 0x301;
  private static final int HEADER = 16;
  private static final int NEIGHBOUR = 12;
  private static final short DESTINATION = 1;
  private static final int STATE = 8;

  /// Asked for and not answered yet, or given up (`NUD_INCOMPLETE`, `NUD_FAILED`).
  private static final int UNANSWERED = 0x01 | 0x20;

  private static final int LARGEST_REPLY = 32_768;
  private static final int REPLIES = 64;

  private final LinuxCalls calls;

  NeighbourTable(LinuxCalls calls) {
    this.calls = calls;
  }

  /// Whether an address on one of this machine's own segments was answered for; empty where nobody
  /// asked, or where it is on none.
  Optional<Boolean> isAnswered(InetAddress address) {
    try (Arena arena = Arena.ofConfined()) {
      int socket = calls.socket(arena, AF_NETLINK, RAW_AND_CLOSED_ON_EXEC, ROUTE);
      if (socket < 0) {
        return Optional.empty();
      }
      try {
        return ask(arena, socket, address);
      } finally {
        calls.close(arena, socket);
      }
    }
  }

  private Optional<Boolean> ask(Arena arena, int socket, InetAddress address) {
    ByteBuffer request =
        ByteBuffer.allocate(HEADER + NEIGHBOUR)
            .order(ByteOrder.nativeOrder())
            .putInt(HEADER + NEIGHBOUR)
            .putShort(GET_NEIGHBOURS)
            .putShort(REQUEST_ALL)
            .putInt(1)
            .putInt(0)
            .put((byte) (address instanceof Inet6Address ? 10 : 2));
    if (calls.send(arena, socket, arena.allocateFrom(JAVA_BYTE, request.array()), 0) < 0) {
      return Optional.empty();
    }
    MemorySegment into = arena.allocate(LARGEST_REPLY, 8);
    for (int i = 0; i < REPLIES; i++) {
      int length = calls.receive(arena, socket, into, 0);
      if (length <= 0) {
        return Optional.empty();
      }
      Optional<Boolean> found = find(into.asSlice(0, length), address.getAddress());
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private static Optional<Boolean> find(MemorySegment reply, byte[] wanted) {
    ByteBuffer in = reply.asByteBuffer().order(ByteOrder.nativeOrder());
    for (int at = 0; at + HEADER <= in.limit(); ) {
      int length = in.getInt(at);
      if (length < HEADER || at + length > in.limit()) {
        return Optional.empty();
      }
      if (in.getShort(at + 4) == NEW_NEIGHBOUR && isOf(in, at, at + length, wanted)) {
        return Optional.of((in.getShort(at + HEADER + STATE) & UNANSWERED) == 0);
      }
      at += (length + 3) & ~3;
    }
    return Optional.empty();
  }

  /// Whether an entry is of this address.
  private static boolean isOf(ByteBuffer in, int start, int end, byte[] wanted) {
    for (int at = start + HEADER + NEIGHBOUR; at + 4 <= end; ) {
      int length = in.getShort(at) & 0xFFFF;
      if (length < 4 || at + length > end) {
        return false;
      }
      if (in.getShort(at + 2) == DESTINATION && length - 4 == wanted.length) {
        byte[] address = new byte[wanted.length];
        in.get(at + 4, address);
        return Arrays.equals(address, wanted);
      }
      at += (length + 3) & ~3;
    }
    return false;
  }
}
