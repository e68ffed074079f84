package io.whygate.e2e.lab;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandle;

/// Moves a thread into a network namespace, for good.
final class EnteredNetwork {
  private static final int CLONE_NEWNET = 0x4000_0000;

  private EnteredNetwork() {}

  /// Moves the calling thread, which must be a platform thread. Root only.
  static void enter(String name) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      int descriptor =
          (int)
              call("open", ADDRESS, JAVA_INT)
                  .invokeExact(arena.allocateFrom("/run/netns/" + name), 0);
      int entered =
          descriptor < 0
              ? -1
              : (int) call("setns", JAVA_INT, JAVA_INT).invokeExact(descriptor, CLONE_NEWNET);
      if (descriptor >= 0) {
        int _ = (int) call("close", JAVA_INT).invokeExact(descriptor);
      }
      if (entered != 0) {
        throw new IOException("cannot enter the network " + name);
      }
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private static MethodHandle call(String name, MemoryLayout... arguments) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(JAVA_INT, arguments));
  }
}
