package io.whygate.gateway.exchange;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.faults.FaultyServer;
import io.whygate.faults.tls.Pki;
import io.whygate.gateway.RawClient;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Large answers in clear text, which the kernel passes from one connection to the other.
class SplicedAnswersTest {
  /// What the last piece has.
  private static final int TAIL = 4711;

  private static final int SIZE = 16 * 1024 * 1024 + TAIL;
  private static final int PIECE = 64 * 1024;

  private static byte at(long position) {
    return (byte) (position * 31 + (position >>> 8) * 7 + (position >>> 16));
  }

  private static byte[] piece(long from, int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = at(from + i);
    }
    return bytes;
  }

  private static void head(ScriptedServer.Peer peer, long length) throws IOException {
    peer.head();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n");
  }

  /// Sends content up to a position, in pieces of a size.
  private static void content(ScriptedServer.Peer peer, long end, int size) throws IOException {
    OutputStream out = peer.socket().getOutputStream();
    for (long sent = 0; sent < end; sent += size) {
      out.write(piece(sent, (int) Math.min(size, end - sent)));
    }
  }

  private static void expectHead(RawClient client) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) client.in().read());
    }
    assertThat(head).startsWith("HTTP/1.1 200 ");
  }

  /// Reads content as long as it comes, and sees that it is what was sent.
  ///
  /// @return how many bytes came
  private static long expectContent(RawClient client, long most) throws IOException {
    InputStream in = client.in();
    byte[] buffer = new byte[PIECE];
    long read = 0;
    while (read < most) {
      int n = in.read(buffer, 0, (int) Math.min(buffer.length, most - read));
      if (n < 0) {
        break;
      }
      assertThat(Arrays.equals(buffer, 0, n, piece(read, n), 0, n)).as("after %s", read).isTrue();
      read += n;
    }
    return read;
  }

  /// Ends of pipes that this process has open.
  private static long pipes() {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.filter(SplicedAnswersTest::isPipe).count();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean isPipe(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().startsWith("pipe:");
    } catch (IOException _) {
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {700, 4 * 1024, PIECE})
  void comeWhole(int pieces) throws Exception {
    int size = pieces < PIECE ? SIZE / 16 : SIZE;
    ScriptedServer.Script script =
        (peer, _) -> {
          for (int i = 0; i < 3; i++) {
            head(peer, size);
            content(peer, size, pieces);
          }
        };
    long before = pipes();
    try (ScriptedServer server = new ScriptedServer(script)) {
      try (RunningGateway gateway = RunningGateway.before("", server.uri());
          RawClient client = gateway.client()) {
        for (int i = 0; i < 3; i++) {
          client.get("/");
          expectHead(client);
          assertThat(expectContent(client, size)).isEqualTo(size);
        }
        assertThat(server.accepted()).isEqualTo(1);
        assertThat(pipes()).as("a pipe was used, and kept").isGreaterThan(before);
        assertThat(gateway.records(3))
            .allMatch(each -> each.contains("\"response_bytes\":" + size))
            .allMatch(each -> each.contains("\"outcome\":\"completed\""));
      }
    }
    RunningGateway.await(() -> pipes() == before);
  }

  @Test
  void waitForAClientThatTakesNothing() throws Exception {
    AtomicLong sent = new AtomicLong();
    ScriptedServer.Script script =
        (peer, _) -> {
          peer.socket().setSendBufferSize(PIECE);
          head(peer, SIZE);
          OutputStream out = peer.socket().getOutputStream();
          for (int at = 0; at < SIZE; at += PIECE) {
            out.write(piece(at, Math.min(PIECE, SIZE - at)));
            sent.addAndGet(PIECE);
          }
        };
    try (ScriptedServer server = new ScriptedServer(script);
        RunningGateway gateway = RunningGateway.before("", server.uri());
        RawClient client = new RawClient(gateway.address(), PIECE)) {
      client.get("/");
      expectHead(client);
      settle(sent);
      assertThat(sent.get()).as("held by kernels and the gateway").isLessThan(SIZE);
      assertThat(expectContent(client, SIZE)).isEqualTo(SIZE);
    }
  }

  /// Waits until no more is sent for a while.
  private static void settle(AtomicLong sent) throws InterruptedException {
    for (long last = -1; last != sent.get(); ) {
      last = sent.get();
      Thread.sleep(300);
    }
  }

  @Test
  void areGivenUpWithTheirClientAndItsPipe() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    long before = pipes();
    ScriptedServer.Script script =
        (peer, _) -> {
          head(peer, SIZE);
          try {
            content(peer, SIZE, PIECE);
          } catch (IOException e) {
            ended.countDown();
          }
        };
    try (ScriptedServer server = new ScriptedServer(script)) {
      try (RunningGateway gateway = RunningGateway.before("", server.uri())) {
        try (RawClient client = new RawClient(gateway.address(), PIECE)) {
          client.get("/");
          expectHead(client);
          assertThat(expectContent(client, PIECE)).isEqualTo(PIECE);
        }
        ended.await();
        assertThat(gateway.records(1).getFirst()).contains("\"outcome\":\"abandoned\"");
        RunningGateway.await(() -> gateway.outstanding() == 0);
      }
    }
    RunningGateway.await(() -> pipes() == before);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void areSeenToBeCutOff(boolean reset) throws Exception {
    int half = SIZE / 2;
    CountDownLatch taken = new CountDownLatch(1);
    ScriptedServer.Script script =
        (peer, _) -> {
          head(peer, SIZE);
          content(peer, half, PIECE);
          if (reset) {
            peer.socket().setSoLinger(true, 0);
          } else {
            taken.await();
          }
        };
    try (ScriptedServer server = new ScriptedServer(script);
        RunningGateway gateway = RunningGateway.before("", server.uri());
        RawClient client = gateway.client()) {
      client.get("/");
      expectHead(client);
      if (reset) {
        // What a reset overtakes is lost on its way, by the kernel.
        assertThat(readToItsEnd(client)).isLessThanOrEqualTo(half);
      } else {
        assertThat(expectContent(client, half)).isEqualTo(half);
        taken.countDown();
        assertThat(client.in().read()).isNegative();
      }
      assertThat(gateway.records(1).getFirst())
          .contains("\"outcome\":\"truncated\"", "\"failure\":\"truncated\"");
    }
  }

  private static long readToItsEnd(RawClient client) {
    try {
      return expectContent(client, SIZE);
    } catch (IOException e) {
      return 0;
    }
  }

  @Test
  void areTimedWhileNothingComes() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    ScriptedServer.Script script =
        (peer, _) -> {
          head(peer, SIZE);
          content(peer, SIZE / 2, PIECE);
          over.await();
        };
    try (ScriptedServer server = new ScriptedServer(script);
        RunningGateway gateway = RunningGateway.before("idle-timeout = 700ms", server.uri());
        RawClient client = gateway.client()) {
      client.get("/");
      expectHead(client);
      assertThat(expectContent(client, SIZE)).isEqualTo(SIZE / 2);
      assertThat(gateway.records(1).getFirst()).contains("\"outcome\":\"truncated\"");
      over.countDown();
    }
  }

  @Test
  void leaveWhatFollowsThemToNobody() throws Exception {
    ScriptedServer.Script script =
        (peer, number) -> {
          int size = number == 1 ? SIZE : 4;
          head(peer, size);
          if (number == 1) {
            content(peer, SIZE - TAIL, PIECE);
            // In one piece: what comes once the next request was sent nobody can tell from its
            // answer.
            ByteArrayOutputStream rest = new ByteArrayOutputStream();
            rest.write(piece(SIZE - TAIL, TAIL));
            rest.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison".getBytes(UTF_8));
            peer.socket().getOutputStream().write(rest.toByteArray());
            peer.in().read();
          } else {
            peer.send("good");
          }
        };
    try (ScriptedServer server = new ScriptedServer(script);
        RunningGateway gateway = RunningGateway.before("pool.max-connections = 1", server.uri());
        RawClient first = gateway.client();
        RawClient second = gateway.client()) {
      first.get("/");
      expectHead(first);
      second.get("/");
      RunningGateway.await(() -> gateway.outstanding() == 2);
      assertThat(expectContent(first, SIZE)).isEqualTo(SIZE);
      assertThat(second.answer().body()).isEqualTo("good");
    }
  }

  @Test
  void followEachOtherOnAPipelinedConnection() throws Exception {
    ScriptedServer.Script script =
        (peer, _) -> {
          while (true) {
            String path = peer.head();
            int size = path.contains("/small") ? 5 : 1024 * 1024;
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n");
            content(peer, size, PIECE);
          }
        };
    try (ScriptedServer server = new ScriptedServer(script);
        RunningGateway gateway = RunningGateway.before("", server.uri());
        RawClient client = gateway.client()) {
      client.get("/large").get("/small").get("/large").get("/small");
      for (int size : new int[] {1024 * 1024, 5, 1024 * 1024, 5}) {
        expectHead(client);
        assertThat(expectContent(client, size)).isEqualTo(size);
      }
    }
  }

  /// What the socket holds of those is not the answer.
  @Test
  void areReadWhereTheyComeByTls() throws Exception {
    String whole = "x".repeat(2_000_000);
    try (FaultyServer server = FaultyServer.startTls(Pki.of("127.0.0.1"));
        RunningGateway gateway =
            RunningGateway.before("tls.verify = false, protocol = http1", server.uri());
        RawClient client = gateway.client()) {
      for (int i = 0; i < 3; i++) {
        String body = client.get("/bytes/" + whole.length()).answer().body();
        assertThat(body.equals(whole)).as("answer %s", i).isTrue();
      }
    }
  }

  @Test
  void areReadWhereNoPipeMayBeUsed() throws Exception {
    long before = pipes();
    ScriptedServer.Script script =
        (peer, _) -> {
          head(peer, SIZE);
          content(peer, SIZE, PIECE);
          peer.in().read();
        };
    try (ScriptedServer server = new ScriptedServer(script);
        RunningGateway gateway = RunningGateway.with("splice-pipes = 0", "", server.uri());
        RawClient client = gateway.client()) {
      client.get("/");
      expectHead(client);
      assertThat(expectContent(client, SIZE)).isEqualTo(SIZE);
      assertThat(pipes()).isEqualTo(before);
    }
  }
}
