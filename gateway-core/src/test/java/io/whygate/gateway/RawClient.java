package io.whygate.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A client that sends exactly the given bytes and reads answers one by one.
public final class RawClient implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 60_000;

  private final Socket socket = new Socket();
  private final InputStream in;

  public RawClient(InetSocketAddress address) throws IOException {
    this(address, 0);
  }

  /// @param receiveBuffer bytes that the system holds for it; 0 means as it likes
  public RawClient(InetSocketAddress address, int receiveBuffer) throws IOException {
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.connect(address, PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MILLIS);
    in = new BufferedInputStream(socket.getInputStream());
  }

  /// An answer as it came.
  public record Answer(int status, List<String> fields, String body) {

    /// The value of the first field of this name; empty where there is none.
    public String field(String name) {
      String start = name.toLowerCase(Locale.ROOT) + ":";
      return fields.stream()
          .filter(each -> each.toLowerCase(Locale.ROOT).startsWith(start))
          .map(each -> each.substring(start.length()).strip())
          .findFirst()
          .orElse("");
    }
  }

  public Socket socket() {
    return socket;
  }

  public InputStream in() {
    return in;
  }

  public RawClient send(String bytes) throws IOException {
    socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
    return this;
  }

  /// Sends GET for a path on a connection that is kept.
  public RawClient get(String path) throws IOException {
    return send("GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n");
  }

  /// Ends its direction; answers can still be read.
  public RawClient endOutput() throws IOException {
    socket.shutdownOutput();
    return this;
  }

  /// The next answer, an interim one too.
  public Answer answer() throws IOException {
    return answer(false);
  }

  /// The next answer to HEAD.
  public Answer answerToHead() throws IOException {
    return answer(true);
  }

  private Answer answer(boolean toHead) throws IOException {
    String first = line();
    List<String> fields = new ArrayList<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      fields.add(line);
    }
    int status = Integer.parseInt(first.substring(9, 12));
    Answer head = new Answer(status, fields, "");
    if (toHead || status < 200 || status == 204 || status == 304) {
      return head;
    }
    return new Answer(status, fields, body(head));
  }

  private String body(Answer head) throws IOException {
    String length = head.field("Content-Length");
    if (!length.isEmpty()) {
      return bytes(Integer.parseInt(length));
    }
    if (!head.field("Transfer-Encoding").equals("chunked")) {
      return new String(in.readAllBytes(), ISO_8859_1);
    }
    StringBuilder body = new StringBuilder();
    for (int size = chunkSize(); size > 0; size = chunkSize()) {
      body.append(bytes(size));
      line();
    }
    for (String line = line(); !line.isEmpty(); line = line()) {
      head.fields().add(line);
    }
    return body.toString();
  }

  private int chunkSize() throws IOException {
    return Integer.parseInt(line(), 16);
  }

  /// So many bytes.
  public String bytes(int count) throws IOException {
    byte[] read = in.readNBytes(count);
    if (read.length < count) {
      throw new EOFException("the answer was cut off after " + read.length + " of " + count);
    }
    return new String(read, ISO_8859_1);
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("the connection ended");
      }
      line.write(next);
    }
    String text = line.toString(ISO_8859_1);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  /// Whether the connection ends without another byte.
  public boolean isEnded() throws IOException {
    return in.read() < 0;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
