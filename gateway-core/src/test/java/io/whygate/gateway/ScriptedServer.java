package io.whygate.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// A server on a free port of 127.0.0.1 that does on each connection what a script says.
public final class ScriptedServer implements AutoCloseable {
  private final ServerSocket socket;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger accepted = new AtomicInteger();
  private final List<String> heads = new CopyOnWriteArrayList<>();

  /// What happens on a connection; it is closed when the script ends.
  public interface Script {
    /// @param number of the connection, from 1
    void play(Peer peer, int number) throws IOException, InterruptedException;
  }

  public ScriptedServer(Script script) throws IOException {
    socket = new ServerSocket(0, 128, InetAddress.ofLiteral("127.0.0.1"));
    Thread.ofVirtual().start(() -> accept(script));
  }

  private void accept(Script script) {
    while (!socket.isClosed()) {
      try {
        Socket peer = socket.accept();
        open.add(peer);
        int number = accepted.incrementAndGet();
        Thread.ofVirtual().start(() -> play(script, peer, number));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void play(Script script, Socket peer, int number) {
    try (peer) {
      script.play(new Peer(peer), number);
    } catch (IOException | InterruptedException e) {
      // The gateway ended the connection: the test looks at what it did.
    } finally {
      open.remove(peer);
    }
  }

  /// The other end of a connection.
  public final class Peer {
    private final Socket socket;
    private final InputStream in;

    Peer(Socket socket) throws IOException {
      this.socket = socket;
      this.in = new BufferedInputStream(socket.getInputStream());
    }

    public Socket socket() {
      return socket;
    }

    public InputStream in() {
      return in;
    }

    /// Reads a head, up to and with the empty line; empty where the connection ended.
    public String head() throws IOException {
      String head = throughEmptyLine();
      if (!head.isEmpty()) {
        heads.add(head);
      }
      return head;
    }

    /// Also how chunked content ends, with or without trailers.
    private String throughEmptyLine() throws IOException {
      ByteArrayOutputStream read = new ByteArrayOutputStream();
      while (true) {
        int next = in.read();
        if (next < 0) {
          return "";
        }
        read.write(next);
        if (next == '\n' && read.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
          return read.toString(ISO_8859_1);
        }
      }
    }

    public Peer send(String bytes) throws IOException {
      socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
      return this;
    }

    /// Answers requests without content, or with chunked content once it is whole, until the
    /// connection ends.
    public void serve() throws IOException {
      for (String head = head(); !head.isEmpty(); head = head()) {
        if (head.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked")
            && throughEmptyLine().isEmpty()) {
          return;
        }
        send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      }
    }
  }

  public URI uri() {
    return URI.create("http://127.0.0.1:" + socket.getLocalPort());
  }

  /// Connections that came so far.
  public int accepted() {
    return accepted.get();
  }

  /// Connections that are open.
  public int open() {
    return open.size();
  }

  /// Heads of requests that came so far.
  public List<String> heads() {
    return heads;
  }

  @Override
  public void close() throws IOException {
    socket.close();
    for (Socket each : open) {
      each.close();
    }
  }
}
