package io.whygate.faults.http2;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// The other end of a connection that speaks HTTP/2 (RFC 9113), as its server has it: reads
/// requests, and sends exactly the frames that it is told to. Used by one thread.
public final class FramedPeer {
  public static final int DATA = 0;
  public static final int HEADERS = 1;
  public static final int RST_STREAM = 3;
  public static final int SETTINGS = 4;
  public static final int PUSH_PROMISE = 5;
  public static final int PING = 6;
  public static final int GOAWAY = 7;
  public static final int WINDOW_UPDATE = 8;
  public static final int CONTINUATION = 9;
  public static final int END_STREAM = 1;
  public static final int ACK = 1;
  public static final int END_HEADERS = 4;

  private static final int PREFACE = 24;
  private static final int PRIORITIZED = 0x20;

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;
  private final Map<Integer, String> begun = new HashMap<>();
  private final Map<Integer, byte[]> contents = new HashMap<>();
  private final Queue<Request> waiting = new ArrayDeque<>();
  private boolean credits = true;
  private boolean headsAlone;

  FramedPeer(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    this.out = socket.getOutputStream();
  }

  /// A frame that came.
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Frame(int type, int flags, int stream, byte[] payload) {
    boolean has(int flag) {
      return (flags & flag) != 0;
    }
  }

  /// A request that is whole.
  ///
  /// @param path its path; empty where the client packed it
  public record Request(int stream, String path, String content) {}

  boolean readPreface() throws IOException {
    return in.readNBytes(PREFACE).length == PREFACE;
  }

  /// Opens no window again: who sends much, waits.
  public void keepWindowsShut() {
    credits = false;
  }

  /// Takes a request for whole once its head is there.
  public void readHeadsAlone() {
    headsAlone = true;
  }

  /// The next frame.
  public Frame next() throws IOException {
    int length = (in.readUnsignedByte() << 16) | in.readUnsignedShort();
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    int stream = in.readInt() & Integer.MAX_VALUE;
    byte[] payload = new byte[length];
    in.readFully(payload);
    return new Frame(type, flags, stream, payload);
  }

  /// The next request that is whole; null where the connection ended. Settings and pings are
  /// answered meanwhile.
  public @Nullable Request request() throws IOException {
    try {
      while (waiting.isEmpty()) {
        take(next());
      }
    } catch (EOFException e) {
      return null;
    }
    return waiting.remove();
  }

  private void take(Frame frame) throws IOException {
    switch (frame.type) {
      case SETTINGS -> {
        if (!frame.has(ACK)) {
          send(SETTINGS, ACK, 0);
        }
      }
      case PING -> {
        if (!frame.has(ACK)) {
          send(PING, ACK, 0, frame.payload);
        }
      }
      case HEADERS -> {
        begun.put(frame.stream, FieldBlock.path(frame.payload, frame.has(PRIORITIZED) ? 5 : 0));
        contents.putIfAbsent(frame.stream, new byte[0]);
        end(frame, frame.has(END_STREAM) || headsAlone);
      }
      case DATA -> {
        if (frame.payload.length > 0 && credits) {
          widen(0, frame.payload.length);
          widen(frame.stream, frame.payload.length);
        }
        var content = new ByteArrayOutputStream();
        content.writeBytes(contents.getOrDefault(frame.stream, new byte[0]));
        content.writeBytes(frame.payload);
        contents.put(frame.stream, content.toByteArray());
        end(frame, frame.has(END_STREAM));
      }
      case RST_STREAM -> begun.remove(frame.stream);
      default -> {}
    }
  }

  private void end(Frame frame, boolean whole) {
    String path = whole ? begun.remove(frame.stream) : null;
    if (path != null) {
      byte[] content = contents.getOrDefault(frame.stream, new byte[0]);
      contents.remove(frame.stream);
      waiting.add(new Request(frame.stream, path, new String(content, ISO_8859_1)));
    }
  }

  /// Sends a frame.
  public FramedPeer send(int type, int flags, int stream, byte... payload) throws IOException {
    var frame = new ByteArrayOutputStream(9 + payload.length);
    frame.write(payload.length >> 16);
    frame.write(payload.length >> 8);
    frame.write(payload.length);
    frame.write(type);
    frame.write(flags);
    frame.writeBytes(number(stream));
    frame.writeBytes(payload);
    return raw(frame.toByteArray());
  }

  /// Sends bytes as they are.
  public FramedPeer raw(byte... bytes) throws IOException {
    out.write(bytes);
    out.flush();
    return this;
  }

  /// Sends SETTINGS with these pairs of number and value.
  public FramedPeer settings(int... pairs) throws IOException {
    var payload = new ByteArrayOutputStream();
    for (int i = 0; i < pairs.length; i += 2) {
      payload.write(pairs[i] >> 8);
      payload.write(pairs[i]);
      payload.writeBytes(number(pairs[i + 1]));
    }
    return send(SETTINGS, 0, 0, payload.toByteArray());
  }

  /// Sends HEADERS with fields as `name: value`.
  public FramedPeer headers(int stream, boolean end, String... fields) throws IOException {
    return send(HEADERS, END_HEADERS | (end ? END_STREAM : 0), stream, FieldBlock.of(fields));
  }

  public FramedPeer data(int stream, boolean end, String content) throws IOException {
    return send(DATA, end ? END_STREAM : 0, stream, content.getBytes(ISO_8859_1));
  }

  /// Answers a request well.
  public FramedPeer ok(int stream) throws IOException {
    headers(stream, false, ":status: 200", "content-type: text/plain", "server: framed");
    return data(stream, true, "ok");
  }

  public FramedPeer widen(int stream, int increment) throws IOException {
    return send(WINDOW_UPDATE, 0, stream, number(increment));
  }

  public FramedPeer reset(int stream, int why) throws IOException {
    return send(RST_STREAM, 0, stream, number(why));
  }

  public FramedPeer goAway(int lastStream, int why) throws IOException {
    var payload = new ByteArrayOutputStream();
    payload.writeBytes(number(lastStream));
    payload.writeBytes(number(why));
    return send(GOAWAY, 0, 0, payload.toByteArray());
  }

  /// Closes the connection.
  public void close() throws IOException {
    socket.close();
  }

  /// A number of four bytes.
  public static byte[] number(int value) {
    return new byte[] {
      (byte) (value >> 24), (byte) (value >> 16), (byte) (value >> 8), (byte) value
    };
  }
}
