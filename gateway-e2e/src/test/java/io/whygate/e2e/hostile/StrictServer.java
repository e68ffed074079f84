package io.whygate.e2e.hostile;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/// A server that reads what arrives as strictly as can be and keeps it, byte for byte: each request
/// has to be one that every reader reads in the same way.
final class StrictServer implements AutoCloseable {
  private final ServerSocket socket = new ServerSocket(0, 128, InetAddress.ofLiteral("127.0.0.1"));
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final List<Arrival> arrivals = new ArrayList<>();
  private final Answers answers;
  private volatile Predicate<String> ends = _ -> false;

  /// What it answers.
  interface Answers {
    /// @param head of the request
    byte[] to(String head);
  }

  /// A request that arrived whole.
  ///
  /// @param bytes of its head and its content, a character a byte
  /// @param doubt why it could be read in two ways; empty where it cannot
  record Arrival(String bytes, String doubt) {
    String target() {
      int start = bytes.indexOf(' ') + 1;
      return bytes.substring(start, Math.max(start, bytes.indexOf(' ', start)));
    }
  }

  StrictServer(Answers answers) throws IOException {
    this.answers = answers;
    Thread.ofVirtual().start(this::accept);
  }

  /// One that answers 200 with two bytes.
  static StrictServer ofTwoBytes() throws IOException {
    return new StrictServer(head ->
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + (head.startsWith("HEAD ") ? "" : "ok"))
            .getBytes(ISO_8859_1));
  }

  /// Lets it close its connection after the answer to some requests, by their heads.
  void endsAfter(Predicate<String> which) {
    ends = which;
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        Socket peer = socket.accept();
        open.add(peer);
        Thread.ofVirtual().start(() -> serve(peer));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket peer) {
    try (peer) {
      InputStream in = new BufferedInputStream(peer.getInputStream());
      for (String head = head(in); !head.isEmpty(); head = head(in)) {
        if (head.contains("\r\nExpect: 100-continue\r\n")) {
          peer.getOutputStream().write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(ISO_8859_1));
        }
        Request request = new Request(head, in);
        synchronized (arrivals) {
          arrivals.add(new Arrival(request.bytes.toString(), request.doubt));
        }
        byte[] answer = answers.to(head);
        peer.getOutputStream().write(answer);
        if (ends.test(head)) {
          return;
        }
      }
    } catch (IOException e) {
      // What came is not whole: the other side gave it up.
    } finally {
      open.remove(peer);
    }
  }

  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int matched = 0;
    while (matched < 4) {
      int next = in.read();
      if (next < 0) {
        return "";
      }
      head.write(next);
      boolean awaited = next == ((matched & 1) == 0 ? '\r' : '\n');
      matched = awaited ? matched + 1 : next == '\r' ? 1 : 0;
    }
    return head.toString(ISO_8859_1);
  }

  /// Reads one request to its end.
  private static final class Request {
    private final InputStream in;
    private final StringBuilder bytes;
    private String doubt = "";
    private int lengths;
    private int codings;

    Request(String head, InputStream in) throws IOException {
      this.in = in;
      this.bytes = new StringBuilder(head);
      String[] lines = head.substring(0, head.length() - 4).split("\r\n", -1);
      if (!lines[0].matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+ [!-~]+ HTTP/1\\.[01]")) {
        doubt = "request line";
      }
      int length = 0;
      for (String line : List.of(lines).subList(1, lines.length)) {
        length = Math.max(length, field(line));
      }
      if (lengths + codings > 1) {
        doubt = "more than one framing";
      }
      if (codings > 0) {
        chunks();
      } else {
        take(length);
      }
    }

    private int field(String line) {
      if (!line.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\\t -~\\x80-\\xff]*")) {
        doubt = "field line";
        return 0;
      }
      String name = line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT).replace('_', '-');
      String value = line.substring(line.indexOf(':') + 1).strip();
      if (name.equals("transfer-encoding")) {
        codings++;
        if (!value.equals("chunked")) {
          doubt = "coding";
        }
      } else if (name.equals("content-length")) {
        lengths++;
        if (value.matches("0|[1-9][0-9]{0,8}")) {
          return Integer.parseInt(value);
        }
        doubt = "length";
      }
      return 0;
    }

    private void chunks() throws IOException {
      while (true) {
        String size = line();
        if (!size.matches("[0-9a-fA-F]{1,7}")) {
          doubt = "chunk size";
          throw new IOException("a chunk size that is none");
        }
        int length = Integer.parseInt(size, 16);
        if (length == 0) {
          break;
        }
        take(length);
        if (!line().isEmpty()) {
          doubt = "chunk";
        }
      }
      for (String line = line(); !line.isEmpty(); line = line()) {
        field(line);
      }
    }

    private String line() throws IOException {
      StringBuilder line = new StringBuilder();
      for (int next = in.read(); next != '\n'; next = in.read()) {
        if (next < 0) {
          throw new IOException("the connection ended");
        }
        line.append((char) next);
      }
      bytes.append(line).append('\n');
      if (line.isEmpty() || line.charAt(line.length() - 1) != '\r') {
        doubt = "line end";
        return line.toString();
      }
      return line.substring(0, line.length() - 1);
    }

    private void take(int length) throws IOException {
      byte[] content = in.readNBytes(length);
      bytes.append(new String(content, ISO_8859_1));
      if (content.length < length) {
        throw new IOException("the connection ended");
      }
    }
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + socket.getLocalPort());
  }

  /// What arrived since the last call.
  List<Arrival> takeArrivals() {
    synchronized (arrivals) {
      List<Arrival> taken = List.copyOf(arrivals);
      arrivals.clear();
      return taken;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
    for (Socket each : open) {
      each.close();
    }
  }
}
