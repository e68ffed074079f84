package io.whygate.gateway.cli;

import io.whygate.gateway.trust.Trust;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// Who asks at a rehearsal: as few classes as can be, for those it uses are kept too.
final class RehearsedClient {
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int END_STREAM = 1;
  private static final int WINDOW_UPDATE = 8;
  private static final int ACK = 1;
  private static final int END_STREAM_AND_HEADERS = 5;

  private final URI server;

  RehearsedClient(URI server) {
    this.server = server;
  }

  /// So many requests on one connection.
  void get(String path, int times) throws IOException {
    exchange(
        "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nAccept: text/html,*/*\r\n\r\n", times);
  }

  /// The same with content.
  void post(String path, int size, int times) throws IOException {
    String head = "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + size;
    exchange(head + "\r\n\r\n" + "x".repeat(size), times);
  }

  private void exchange(String request, int times) throws IOException {
    byte[] bytes = request.getBytes(StandardCharsets.ISO_8859_1);
    try (Socket socket = connect()) {
      InputStream in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
      for (int i = 0; i < times; i++) {
        socket.getOutputStream().write(bytes);
        skipAnswer(in);
      }
    }
  }

  private Socket connect() throws IOException {
    if (!server.getScheme().equals("https")) {
      return new Socket(server.getHost(), server.getPort());
    }
    // The certificate is the rehearsal's own.
    return Trust.usual()
        .unverified()
        .getSocketFactory()
        .createSocket(server.getHost(), server.getPort());
  }

  /// Reads one answer to its end, by its length or its chunks.
  private static void skipAnswer(InputStream in) throws IOException {
    long length = 0;
    boolean chunked = false;
    String line = line(in);
    while (!line.isEmpty()) {
      String lower = line.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Long.parseLong(lower.substring("content-length:".length()).strip());
      }
      chunked |= lower.startsWith("transfer-encoding:");
      line = line(in);
    }
    if (!chunked) {
      in.skipNBytes(length);
      return;
    }
    for (int size = chunkSize(in); size > 0; size = chunkSize(in)) {
      in.skipNBytes(size);
      line(in);
    }
    line(in);
  }

  private static int chunkSize(InputStream in) throws IOException {
    return Integer.parseInt(line(in).strip(), 16);
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int each = in.read(); each != '\n'; each = in.read()) {
      if (each < 0) {
        throw new EOFException("an answer broke off");
      }
      line.write(each);
    }
    return line.toString(StandardCharsets.ISO_8859_1).strip();
  }

  /// So many requests one after the other by HTTP/2, with prior knowledge.
  void http2(String path, int times) throws IOException {
    try (Socket socket = connect()) {
      OutputStream out = socket.getOutputStream();
      DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      frame(out, SETTINGS, 0, 0, new byte[0]);
      frame(out, WINDOW_UPDATE, 0, 0, new byte[] {0x7f, 0, 0, 0});
      for (int i = 0; i < times; i++) {
        frame(out, HEADERS, END_STREAM_AND_HEADERS, 1 + 2 * i, fields(path));
        awaitEnd(in, out);
      }
    }
  }

  /// `:method GET`, `:scheme http`, `:path` and `:authority` as literals (RFC 7541 section 6.2.2).
  private static byte[] fields(String path) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    block.write(0x82);
    block.write(0x86);
    literal(block, 4, path);
    literal(block, 1, "localhost");
    return block.toByteArray();
  }

  private static void literal(ByteArrayOutputStream block, int name, String value) {
    block.write(name);
    block.write(value.length());
    block.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
  }

  private static void frame(OutputStream out, int type, int flags, int stream, byte[] payload)
      throws IOException {
    byte[] frame = new byte[9 + payload.length];
    frame[1] = (byte) (payload.length >> 8);
    frame[2] = (byte) payload.length;
    frame[3] = (byte) type;
    frame[4] = (byte) flags;
    for (int i = 0; i < 4; i++) {
      frame[5 + i] = (byte) (stream >> (24 - 8 * i));
    }
    System.arraycopy(payload, 0, frame, 9, payload.length);
    out.write(frame);
  }

  private static void awaitEnd(DataInputStream in, OutputStream out) throws IOException {
    while (true) {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      in.readInt();
      in.skipNBytes(length);
      if (type == SETTINGS && (flags & ACK) == 0) {
        frame(out, SETTINGS, ACK, 0, new byte[0]);
      }
      if ((type == DATA || type == HEADERS) && (flags & END_STREAM) != 0) {
        return;
      }
    }
  }
}
