package io.whygate.e2e.hostile;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A client that asks one thing after the other on a connection of its own, and takes the times.
final class Bystander implements AutoCloseable {
  private static final String ANSWER = "\r\n\r\nok";
  private static final int PATIENCE_MILLIS = 20_000;

  private final Socket socket;
  private final InputStream in;

  Bystander(URI gateway) throws IOException {
    socket = new Socket(gateway.getHost(), gateway.getPort());
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
  }

  /// The times of answers.
  record Times(List<Duration> sorted) {
    Duration percentile(int share) {
      return sorted.get(Math.min(sorted.size() - 1, sorted.size() * share / 100));
    }
  }

  /// Asks for so long.
  Times watch(Duration time) throws IOException {
    List<Duration> times = new ArrayList<>();
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      long start = System.nanoTime();
      ask();
      times.add(Duration.ofNanos(System.nanoTime() - start));
    }
    return new Times(times.stream().sorted().toList());
  }

  private void ask() throws IOException {
    socket
        .getOutputStream()
        .write("GET /ok HTTP/1.1\r\nHost: bystander\r\n\r\n".getBytes(ISO_8859_1));
    StringBuilder answer = new StringBuilder();
    while (!answer.toString().endsWith(ANSWER)) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("the bystander's connection ended: " + answer);
      }
      answer.append((char) next);
    }
    if (!answer.toString().startsWith("HTTP/1.1 200 ")) {
      throw new IOException("the bystander got: " + answer);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
