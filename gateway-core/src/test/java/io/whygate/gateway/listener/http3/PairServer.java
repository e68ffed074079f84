package io.whygate.gateway.listener.http3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.whygate.faults.http2.FramedPeer;
import io.whygate.faults.http2.FramedServer;
import io.whygate.gateway.ScriptedServer;
import io.whygate.gateway.http2.Frames;
import io.whygate.gateway.http2.HpackDecoder;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A server of HTTP/1.1 or HTTP/2 in clear text that does with each request what a test says, in
/// words that both have.
final class PairServer implements AutoCloseable {
  /// What it speaks, as the setting `protocol` of an upstream says it.
  enum Kind {
    HTTP1,
    HTTP2
  }

  /// What a server does with a request, once its head came.
  interface Script {
    void answer(Request request) throws IOException, InterruptedException;
  }

  /// A request, and its answer.
  abstract static class Request {
    final List<String> fields = new ArrayList<>();
    final List<String> trailers = new ArrayList<>();
    String method = "";
    String path = "";

    /// The values of all fields of this name.
    List<String> all(String name) {
      return fields.stream()
          .filter(each -> each.startsWith(name + ": "))
          .map(each -> each.substring(name.length() + 2))
          .toList();
    }

    /// Reads the content, and the trailers behind it.
    abstract String content() throws IOException;

    abstract void interim(int status, String... more) throws IOException;

    /// Begins the answer.
    ///
    /// @param end whether it has no content
    abstract void head(int status, boolean end, String... more) throws IOException;

    abstract void data(String piece) throws IOException;

    abstract void end(String... more) throws IOException;

    /// Breaks the answer off: by a reset, or so that it looks like an end.
    abstract void breakOff(boolean byReset) throws IOException;

    /// Waits until the gateway gives the exchange up.
    abstract void awaitGivenUp() throws IOException;
  }

  private final Closeable server;
  private final URI uri;

  private PairServer(Closeable server, URI uri) {
    this.server = server;
    this.uri = uri;
  }

  static PairServer start(Kind kind, Script script) throws IOException {
    return switch (kind) {
      case HTTP1 -> {
        ScriptedServer server = new ScriptedServer((peer, _) -> serve(peer, script));
        yield new PairServer(server::close, server.uri());
      }
      case HTTP2 -> {
        FramedServer server = FramedServer.start();
        server.play(
            new FramedServer.Script() {
              @Override
              public void begin(FramedPeer peer) throws IOException {
                peer.settings();
                try {
                  new Connection(peer).serve(script);
                } catch (InterruptedException e) {
                  throw new IOException(e);
                }
              }
            });
        yield new PairServer(server, server.uri());
      }
    };
  }

  URI uri() {
    return uri;
  }

  @Override
  public void close() throws IOException {
    server.close();
  }

  private static void serve(ScriptedServer.Peer peer, Script script)
      throws IOException, InterruptedException {
    for (String head = peer.head(); !head.isEmpty(); head = peer.head()) {
      OfHttp1 request = new OfHttp1(peer, head);
      script.answer(request);
      if (request.broken) {
        return;
      }
    }
  }

  /// A request by HTTP/1.1.
  private static final class OfHttp1 extends Request {
    private final ScriptedServer.Peer peer;
    private boolean chunked;
    private boolean broken;

    OfHttp1(ScriptedServer.Peer peer, String head) {
      this.peer = peer;
      String[] lines = head.split("\r\n");
      method = lines[0].split(" ")[0];
      path = lines[0].split(" ")[1];
      for (String line : Arrays.asList(lines).subList(1, lines.length)) {
        fields.add(lowered(line));
      }
    }

    private static String lowered(String line) {
      int colon = line.indexOf(':');
      String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
      return name + ": " + line.substring(colon + 1).strip();
    }

    private String line() throws IOException {
      StringBuilder line = new StringBuilder();
      for (int next = peer.in().read(); next != '\n'; next = peer.in().read()) {
        if (next < 0) {
          throw new EOFException("within a request");
        }
        line.append((char) next);
      }
      return line.toString().strip();
    }

    private byte[] bytes(int count) throws IOException {
      byte[] read = peer.in().readNBytes(count);
      if (read.length < count) {
        throw new EOFException("within a request");
      }
      return read;
    }

    @Override
    String content() throws IOException {
      if (!all("content-length").isEmpty()) {
        return new String(bytes(Integer.parseInt(all("content-length").getFirst())), ISO_8859_1);
      }
      ByteArrayOutputStream content = new ByteArrayOutputStream();
      if (all("transfer-encoding").contains("chunked")) {
        for (int size = Integer.parseInt(line(), 16); size > 0; ) {
          content.writeBytes(bytes(size));
          line();
          size = Integer.parseInt(line(), 16);
        }
        for (String line = line(); !line.isEmpty(); line = line()) {
          trailers.add(lowered(line));
        }
      }
      return content.toString(ISO_8859_1);
    }

    private void write(int status, String more, String... lines) throws IOException {
      String all = lines.length == 0 ? "" : String.join("\r\n", lines) + "\r\n";
      peer.send("HTTP/1.1 " + status + " X\r\n" + all + more + "\r\n");
    }

    @Override
    void interim(int status, String... more) throws IOException {
      write(status, "", more);
    }

    @Override
    void head(int status, boolean end, String... more) throws IOException {
      boolean hasLength = Arrays.stream(more).anyMatch(each -> each.startsWith("content-length"));
      chunked = !end && !hasLength;
      write(status, chunked ? "Transfer-Encoding: chunked\r\n" : "", more);
    }

    @Override
    void data(String piece) throws IOException {
      if (chunked) {
        peer.send(Integer.toHexString(piece.length()) + "\r\n" + piece + "\r\n");
      } else {
        peer.send(piece);
      }
    }

    @Override
    void end(String... more) throws IOException {
      if (chunked) {
        peer.send("0\r\n" + (more.length == 0 ? "" : String.join("\r\n", more) + "\r\n") + "\r\n");
      }
    }

    @Override
    void breakOff(boolean byReset) throws IOException {
      broken = true;
      if (byReset) {
        peer.socket().setSoLinger(true, 0);
      }
      peer.socket().close();
    }

    @Override
    void awaitGivenUp() throws IOException {
      broken = true;
      try {
        while (peer.in().read() >= 0) {
          // What is left of the request.
        }
      } catch (SocketException e) {
        // A reset says it too.
      }
    }
  }

  /// A connection of HTTP/2, of which one request after the other is answered.
  private static final class Connection {
    private final FramedPeer peer;
    private final HpackDecoder decoder = new HpackDecoder(4096);
    private final List<OfHttp2> begun = new ArrayList<>();
    private long window = 65_535;
    private long initialWindow = 65_535;

    Connection(FramedPeer peer) {
      this.peer = peer;
    }

    void serve(Script script) throws IOException, InterruptedException {
      while (true) {
        while (begun.isEmpty()) {
          take(peer.next(), null);
        }
        OfHttp2 request = begun.removeFirst();
        try {
          script.answer(request);
        } catch (StreamReset e) {
          // The test looks at what the gateway did.
        }
      }
    }

    /// Takes a frame.
    ///
    /// @param current the request that is being answered
    private void take(FramedPeer.Frame frame, @Nullable OfHttp2 current) throws IOException {
      boolean isCurrent = current != null && frame.stream() == current.stream;
      boolean acknowledges = (frame.flags() & FramedPeer.ACK) != 0;
      switch (frame.type()) {
        case FramedPeer.SETTINGS -> {
          if (!acknowledges) {
            settings(frame.payload(), current);
            peer.send(FramedPeer.SETTINGS, FramedPeer.ACK, 0);
          }
        }
        case FramedPeer.PING -> {
          if (!acknowledges) {
            peer.send(FramedPeer.PING, FramedPeer.ACK, 0, frame.payload());
          }
        }
        case FramedPeer.WINDOW_UPDATE -> {
          int more = ByteBuffer.wrap(frame.payload()).getInt();
          if (frame.stream() == 0) {
            window += more;
          } else if (isCurrent) {
            current.window += more;
          }
        }
        case FramedPeer.HEADERS -> {
          List<String> fields = decoded(frame);
          if (isCurrent) {
            current.trailers.addAll(fields);
            current.ended = true;
          } else {
            begun.add(new OfHttp2(this, frame, fields));
          }
        }
        case FramedPeer.DATA -> {
          if (isCurrent) {
            current.content.writeBytes(frame.payload());
            current.ended = (frame.flags() & FramedPeer.END_STREAM) != 0;
          }
          if (frame.payload().length > 0) {
            peer.widen(0, frame.payload().length);
            peer.widen(frame.stream(), frame.payload().length);
          }
        }
        case FramedPeer.RST_STREAM -> {
          if (isCurrent) {
            throw new StreamReset();
          }
        }
        default -> {}
      }
    }

    private void settings(byte[] payload, @Nullable OfHttp2 current) {
      ByteBuffer all = ByteBuffer.wrap(payload);
      while (all.hasRemaining()) {
        int id = all.getShort();
        int value = all.getInt();
        if (id == Frames.SETTING_INITIAL_WINDOW_SIZE) {
          if (current != null) {
            current.window += value - initialWindow;
          }
          initialWindow = value;
        }
      }
    }

    private List<String> decoded(FramedPeer.Frame frame) {
      List<String> fields = new ArrayList<>();
      boolean intact =
          decoder.decode(
              frame.payload(),
              0,
              frame.payload().length,
              (name, ns, ne, value, vs, ve) ->
                  fields.add(
                      new String(name, ns, ne - ns, ISO_8859_1)
                          + ": "
                          + new String(value, vs, ve - vs, ISO_8859_1)));
      if (!intact) {
        throw new AssertionError("a field block that cannot be decompressed");
      }
      return fields;
    }
  }

  /// The gateway gave a stream up.
  private static final class StreamReset extends IOException {
    private static final long serialVersionUID = 1;
  }

  /// A request by HTTP/2.
  private static final class OfHttp2 extends Request {
    private final Connection connection;
    private final int stream;
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();
    private long window;
    private boolean ended;
    private boolean headEnds;

    OfHttp2(Connection connection, FramedPeer.Frame head, List<String> all) {
      this.connection = connection;
      this.stream = head.stream();
      this.window = connection.initialWindow;
      this.ended = (head.flags() & FramedPeer.END_STREAM) != 0;
      fields.addAll(all);
      method = all(":method").getFirst();
      path = all(":path").getFirst();
    }

    @Override
    String content() throws IOException {
      while (!ended) {
        connection.take(connection.peer.next(), this);
      }
      return content.toString(ISO_8859_1);
    }

    private void headers(boolean end, String first, String... more) throws IOException {
      List<String> all = new ArrayList<>(first.isEmpty() ? List.of() : List.of(first));
      all.addAll(Arrays.asList(more));
      connection.peer.headers(stream, end, all.toArray(String[]::new));
    }

    @Override
    void interim(int status, String... more) throws IOException {
      headers(false, ":status: " + status, more);
    }

    @Override
    void head(int status, boolean end, String... more) throws IOException {
      headEnds = end;
      headers(end, ":status: " + status, more);
    }

    @Override
    void data(String piece) throws IOException {
      byte[] bytes = piece.getBytes(ISO_8859_1);
      for (int at = 0; at < bytes.length; ) {
        int most = (int) Math.min(Math.min(window, connection.window), 16_384);
        if (most <= 0) {
          connection.take(connection.peer.next(), this);
          continue;
        }
        int end = Math.min(bytes.length, at + most);
        connection.peer.send(FramedPeer.DATA, 0, stream, Arrays.copyOfRange(bytes, at, end));
        window -= end - at;
        connection.window -= end - at;
        at = end;
      }
    }

    @Override
    void end(String... more) throws IOException {
      if (more.length > 0) {
        headers(true, "", more);
      } else if (!headEnds) {
        connection.peer.send(FramedPeer.DATA, FramedPeer.END_STREAM, stream);
      }
    }

    @Override
    void breakOff(boolean byReset) throws IOException {
      if (byReset) {
        connection.peer.reset(stream, 2);
      } else {
        connection.peer.close();
      }
    }

    @Override
    void awaitGivenUp() throws IOException {
      try {
        while (true) {
          connection.take(connection.peer.next(), this);
        }
      } catch (StreamReset e) {
        // That is what it is.
      }
    }
  }
}
