package io.whygate.gateway.cli;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/// The service manager that started the gateway, told how it is by systemd's protocol
/// (sd_notify(3)): short datagrams to the Unix socket that `NOTIFY_SOCKET` names.
///
/// The JDK has no Unix datagram sockets, hence the calls to libc. A message that cannot be
/// delivered is dropped: the gateway serves all the same.
final class Systemd implements ServiceManager {
  private static final short AF_UNIX = 1;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int PATH_BYTES = 108;

  private final byte[] path;

  /// @param path the socket's path; a leading `@` stands for the abstract namespace
  Systemd(String path) {
    this.path = path.getBytes(StandardCharsets.UTF_8);
    if (this.path.length > 0 && this.path[0] == '@') {
      this.path[0] = 0;
    }
  }

  /// The one that started this process, or nobody.
  static ServiceManager ofThisProcess() {
    String path = System.getenv("NOTIFY_SOCKET");
    return path == null || path.isEmpty() || path.length() >= PATH_BYTES ? NONE : new Systemd(path);
  }

  @Override
  public void tell(String message) {
    Linker linker = Linker.nativeLinker();
    SymbolLookup libc = linker.defaultLookup();
    try (Arena arena = Arena.ofConfined()) {
      MethodHandle socket =
          linker.downcallHandle(
              libc.findOrThrow("socket"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT));
      MethodHandle sendTo =
          linker.downcallHandle(
              libc.findOrThrow("sendto"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_INT,
                  ValueLayout.ADDRESS,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_INT,
                  ValueLayout.ADDRESS,
                  ValueLayout.JAVA_INT));
      MethodHandle close =
          linker.downcallHandle(
              libc.findOrThrow("close"),
              FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
      // struct sockaddr_un: the family, then the path.
      MemorySegment address = arena.allocate(2 + PATH_BYTES);
      address.set(ValueLayout.JAVA_SHORT, 0, AF_UNIX);
      MemorySegment.copy(path, 0, address, ValueLayout.JAVA_BYTE, 2, path.length);
      byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
      MemorySegment text = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      int descriptor = (int) socket.invokeExact((int) AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
      if (descriptor < 0) {
        return;
      }
      long _ =
          (long)
              sendTo.invokeExact(
                  descriptor, text, (long) bytes.length, 0, address, 2 + path.length);
      int _ = (int) close.invokeExact(descriptor);
    } catch (Throwable e) {
      // The handles' signatures are right and libc throws nothing: what comes here is not about the
      // message.
      throw new AssertionError(e);
    }
  }
}
