package io.whygate.e2e.matrix;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A client that sends one request on a connection of its own, never sends it again, and sees
/// exactly what comes back.
public final class Client {
  private static final int PATIENCE_MILLIS = 20_000;

  private Client() {}

  /// A GET that wants the problem document.
  public static Answer get(URI at, String path) throws IOException {
    return send(at, "GET", path, "", "Accept: application/problem+json");
  }

  /// Any request.
  ///
  /// @param body empty for none
  /// @param fields whole field lines
  public static Answer send(URI at, String method, String path, String body, String... fields)
      throws IOException {
    try (Socket socket = connect(at)) {
      return ask(socket, request(at, method, path, body, "Connection: close\r\n", fields), method);
    }
  }

  static Socket connect(URI at) throws IOException {
    Socket socket = new Socket();
    try {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.connect(new InetSocketAddress(at.getHost(), at.getPort()));
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /// A request as bytes.
  ///
  /// @param more whole field lines with their ends
  static byte[] request(
      URI at, String method, String path, String body, String more, String... fields) {
    StringBuilder request = new StringBuilder(method).append(' ').append(path);
    request.append(" HTTP/1.1\r\n").append(more);
    if (List.of(fields).stream().noneMatch(field -> field.startsWith("Host:"))) {
      request.append("Host: ").append(host(at)).append("\r\n");
    }
    for (String field : fields) {
      request.append(field).append("\r\n");
    }
    if (!body.isEmpty()) {
      request.append("Content-Length: ").append(body.length()).append("\r\n");
    }
    return request.append("\r\n").append(body).toString().getBytes(ISO_8859_1);
  }

  /// Sends a request on a connection that is open.
  static Answer ask(Socket socket, byte[] request, String method) throws IOException {
    long began = System.nanoTime();
    socket.getOutputStream().write(request);
    return read(new BufferedInputStream(socket.getInputStream()), method, began);
  }

  /// The name that a visitor asks for: the address itself where a gateway has several.
  private static String host(URI at) {
    return at.getHost().equals("127.0.0.1") ? "www.lab.test" : at.getHost();
  }

  /// The first of the server-sent events at a path, without waiting for another.
  public static Answer firstEvent(URI at, String path, String... fields) throws IOException {
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.connect(new InetSocketAddress(at.getHost(), at.getPort()));
      StringBuilder request = new StringBuilder("GET ").append(path).append(" HTTP/1.1\r\n");
      request.append("Host: ").append(host(at)).append("\r\nAccept: text/event-stream\r\n");
      for (String field : fields) {
        request.append(field).append("\r\n");
      }
      long began = System.nanoTime();
      socket.getOutputStream().write(request.append("\r\n").toString().getBytes(ISO_8859_1));
      InputStream in = new BufferedInputStream(socket.getInputStream());
      int status = Integer.parseInt(line(in).split(" ")[1]);
      Map<String, List<String>> read = fields(in);
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      for (int size = chunkSize(in); size > 0; size = chunkSize(in)) {
        copy(in, size, body);
        line(in);
        if (body.toString(ISO_8859_1).endsWith("\n\n")) {
          break;
        }
      }
      long micros = (System.nanoTime() - began) / 1_000;
      return new Answer(status, read, body.toByteArray(), false, micros);
    }
  }

  private static Map<String, List<String>> fields(InputStream in) throws IOException {
    Map<String, List<String>> fields = new HashMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      fields
          .computeIfAbsent(
              line.substring(0, colon).toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
          .add(line.substring(colon + 1).strip());
    }
    return fields;
  }

  private static Answer read(InputStream in, String method, long began) throws IOException {
    Map<String, List<String>> fields = new HashMap<>();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    int status = 0;
    boolean whole = false;
    try {
      while (status < 200) {
        fields.clear();
        status = Integer.parseInt(line(in).split(" ")[1]);
        fields.putAll(fields(in));
      }
      readBody(in, method, status, fields, body);
      whole = true;
    } catch (EOFException | java.net.SocketException e) {
      // It broke off.
      whole = false;
    }
    long micros = (System.nanoTime() - began) / 1_000;
    return new Answer(status, fields, body.toByteArray(), whole, micros);
  }

  private static void readBody(
      InputStream in,
      String method,
      int status,
      Map<String, List<String>> fields,
      ByteArrayOutputStream body)
      throws IOException {
    if (method.equals("HEAD") || status == 204 || status == 304) {
      return;
    }
    if (fields.containsKey("content-length")) {
      copy(in, Integer.parseInt(fields.get("content-length").getLast()), body);
    } else if (fields.containsKey("transfer-encoding")) {
      for (int size = chunkSize(in); size > 0; size = chunkSize(in)) {
        copy(in, size, body);
        line(in);
      }
      while (!line(in).isEmpty()) {
        // A trailer.
        continue;
      }
    } else {
      in.transferTo(body);
    }
  }

  private static int chunkSize(InputStream in) throws IOException {
    return Integer.parseInt(line(in).split(";")[0].strip(), 16);
  }

  private static void copy(InputStream in, int length, ByteArrayOutputStream to)
      throws IOException {
    byte[] bytes = in.readNBytes(length);
    to.writeBytes(bytes);
    if (bytes.length < length) {
      throw new EOFException();
    }
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    while (true) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException();
      }
      if (next == '\n') {
        return line.toString().strip();
      }
      line.append((char) next);
    }
  }
}
