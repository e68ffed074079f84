package io.whygate.diagnostics.probe.icmp;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/// The system calls of sockets, by the Foreign Function and Memory API.
///
/// None of them waits: a native call that waits would hold the carrier of a virtual thread. Each
/// gives what the kernel gives: a result from 0 up, or an error as its negative number.
final class LinuxCalls {
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));

  private final Linker linker = Linker.nativeLinker();
  private final MethodHandle socket = call("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
  private final MethodHandle close = call("close", JAVA_INT, JAVA_INT);
  private final MethodHandle connect = call("connect", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private final MethodHandle setOption =
      call("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private final MethodHandle getOption =
      call("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private final MethodHandle poll = call("poll", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private final MethodHandle send = call("send", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private final MethodHandle receive =
      call("recv", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private final MethodHandle receiveMessage =
      call("recvmsg", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);

  @SuppressWarnings("restricted")
  private MethodHandle call(String name, MemoryLayout result, MemoryLayout... arguments) {
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(result, arguments),
        Linker.Option.captureCallState("errno"));
  }

  int socket(Arena arena, int family, int type, int protocol) {
    MemorySegment state = arena.allocate(STATE);
    try {
      return result((int) socket.invokeExact(state, family, type, protocol), state);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  void close(Arena arena, int descriptor) {
    MemorySegment state = arena.allocate(STATE);
    try {
      int _ = (int) close.invokeExact(state, descriptor);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  int connect(Arena arena, int descriptor, MemorySegment address) {
    MemorySegment state = arena.allocate(STATE);
    try {
      return result(
          (int) connect.invokeExact(state, descriptor, address, (int) address.byteSize()), state);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  int setOption(Arena arena, int descriptor, int level, int name, int value) {
    MemorySegment state = arena.allocate(STATE);
    MemorySegment holder = arena.allocateFrom(JAVA_INT, value);
    try {
      return result((int) setOption.invokeExact(state, descriptor, level, name, holder, 4), state);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /// The value of an option that is a number from 0 up, or a negative error.
  int option(Arena arena, int descriptor, int level, int name) {
    MemorySegment state = arena.allocate(STATE);
    MemorySegment holder = arena.allocate(JAVA_INT);
    MemorySegment length = arena.allocateFrom(JAVA_INT, 4);
    try {
      int result =
          result(
              (int) getOption.invokeExact(state, descriptor, level, name, holder, length), state);
      return result < 0 ? result : holder.get(JAVA_INT, 0);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /// How many of the descriptors in an array of `struct pollfd` are ready now.
  int poll(Arena arena, MemorySegment descriptors, long count) {
    MemorySegment state = arena.allocate(STATE);
    try {
      return result((int) poll.invokeExact(state, descriptors, count, 0), state);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  int send(Arena arena, int descriptor, MemorySegment bytes, int flags) {
    MemorySegment state = arena.allocate(STATE);
    try {
      long sent = (long) send.invokeExact(state, descriptor, bytes, bytes.byteSize(), flags);
      return result((int) sent, state);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  int receive(Arena arena, int descriptor, MemorySegment into, int flags) {
    MemorySegment state = arena.allocate(STATE);
    try {
      long got = (long) receive.invokeExact(state, descriptor, into, into.byteSize(), flags);
      return result((int) got, state);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  int receiveMessage(Arena arena, int descriptor, MemorySegment message, int flags) {
    MemorySegment state = arena.allocate(STATE);
    try {
      return result(
          (int) (long) receiveMessage.invokeExact(state, descriptor, message, flags), state);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private static int result(int result, MemorySegment state) {
    return result >= 0 ? result : -(int) ERRNO.get(state, 0L);
  }
}
