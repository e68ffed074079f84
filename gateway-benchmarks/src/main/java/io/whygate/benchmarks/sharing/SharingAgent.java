package io.whygate.benchmarks.sharing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The agent in the gateway: traces its classes, and takes commands at a port of the loopback
/// address: `begin`, and `end REQUESTS`, which it answers with a [SharedWrites] as text.
public final class SharingAgent {
  private SharingAgent() {}

  /// Called by the JVM before the gateway's `main`.
  ///
  /// @param port where commands are taken
  public static void premain(String port, Instrumentation jvm)
      throws IOException, UnmodifiableClassException {
    // Loaded before anything is traced.
    Writes.end();
    jvm.addTransformer(new WriteTracing(), true);
    jvm.retransformClasses(
        Arrays.stream(jvm.getAllLoadedClasses())
            .filter(jvm::isModifiableClass)
            .filter(each -> WriteTracing.traces(each.getName().replace('.', '/')))
            .toArray(Class<?>[]::new));
    ServerSocket commands =
        new ServerSocket(Integer.parseInt(port), 4, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().name("sharing").daemon().start(() -> serve(commands, jvm));
  }

  private static void serve(ServerSocket commands, Instrumentation jvm) {
    while (true) {
      try (Socket socket = commands.accept();
          BufferedReader in =
              new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
          PrintWriter out =
              new PrintWriter(
                  new OutputStreamWriter(socket.getOutputStream(), StandardCharsets.UTF_8))) {
        String command = in.readLine();
        if ("begin".equals(command)) {
          Writes.begin();
          out.println("recording");
        } else if (command != null) {
          long requests = Long.parseLong(command.substring("end ".length()));
          out.print(SharedWrites.of(Writes.end(), jvm).text(requests));
        }
      } catch (IOException e) {
        System.err.println("sharing: " + e);
      }
    }
  }
}
