package io.whygate.gateway.listener.http2;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.whygate.gateway.http2.Frames;
import io.whygate.gateway.http2.HpackDecoder;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// A client of HTTP/2 that sends exactly the frames that it is told to, and reads what comes frame
/// by frame.
public final class H2Client implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 30_000;

  private final Socket socket = new Socket();
  private final DataInputStream in;
  private final HpackDecoder decoder = new HpackDecoder(4096);

  /// Connects, without a byte sent.
  public H2Client(InetSocketAddress address) throws IOException {
    socket.connect(address, PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MILLIS);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
  }

  /// Connects, and sends the preface and SETTINGS with these pairs of number and value.
  public static H2Client begun(InetSocketAddress address, int... settings) throws IOException {
    H2Client client = new H2Client(address);
    client.preface();
    client.settings(settings);
    return client;
  }

  /// A frame that came.
  public record Frame(int type, int flags, int stream, byte[] payload) {
    public boolean ends() {
      return (type == Frames.DATA || type == Frames.HEADERS) && (flags & Frames.END_STREAM) != 0;
    }

    /// The error code of RST_STREAM or GOAWAY.
    public int error() {
      return Unpooled.wrappedBuffer(payload).getInt(type == Frames.GOAWAY ? 4 : 0);
    }

    /// The first number of the payload.
    public int number() {
      return Unpooled.wrappedBuffer(payload).getInt(0);
    }
  }

  /// An answer: its fields as `name: value`, and how it ended.
  public record Answer(
      List<List<String>> interim,
      List<String> fields,
      byte[] content,
      List<String> trailers,
      int reset) {

    public String field(String name) {
      return fields.stream()
          .filter(each -> each.startsWith(name + ": "))
          .map(each -> each.substring(name.length() + 2))
          .findFirst()
          .orElse("");
    }

    public int status() {
      return Integer.parseInt(field(":status"));
    }

    public String text() {
      return new String(content, ISO_8859_1);
    }
  }

  public Socket socket() {
    return socket;
  }

  public H2Client preface() throws IOException {
    socket.getOutputStream().write(Frames.preface());
    return this;
  }

  public H2Client settings(int... pairs) throws IOException {
    ByteBuf payload = Unpooled.buffer();
    for (int i = 0; i < pairs.length; i += 2) {
      Frames.setting(payload, pairs[i], pairs[i + 1]);
    }
    return frame(Frames.SETTINGS, 0, 0, ByteBufUtil.getBytes(payload));
  }

  public H2Client frame(int type, int flags, int stream, byte... payload) throws IOException {
    return raw(bytes(type, flags, stream, payload));
  }

  /// The bytes of a frame.
  public static byte[] bytes(int type, int flags, int stream, byte... payload) {
    ByteBuf out = Unpooled.buffer();
    Frames.head(out, payload.length, type, flags, stream);
    out.writeBytes(payload);
    return ByteBufUtil.getBytes(out);
  }

  public H2Client raw(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    return this;
  }

  /// Sends bytes that are written in hexadecimal, with spaces where one likes.
  public H2Client hex(String bytes) throws IOException {
    return raw(HexFormat.of().parseHex(bytes.replaceAll("\\s", "")));
  }

  public H2Client data(int stream, boolean end, String content) throws IOException {
    return frame(Frames.DATA, end ? Frames.END_STREAM : 0, stream, content.getBytes(ISO_8859_1));
  }

  public H2Client widen(int stream, int increment) throws IOException {
    return frame(Frames.WINDOW_UPDATE, 0, stream, number(increment));
  }

  public H2Client reset(int stream, int why) throws IOException {
    return frame(Frames.RST_STREAM, 0, stream, number(why));
  }

  public static byte[] number(int value) {
    return Unpooled.copyInt(value).array();
  }

  /// Sends HEADERS for `GET path`, with further fields.
  public H2Client get(int stream, String path, String... fields) throws IOException {
    return headers(stream, true, request("GET", path, fields));
  }

  /// Sends HEADERS for `POST path`; content may follow.
  public H2Client post(int stream, String path, String... fields) throws IOException {
    return headers(stream, false, request("POST", path, fields));
  }

  public static String[] request(String method, String path, String... fields) {
    List<String> all =
        new ArrayList<>(
            List.of(":method: " + method, ":scheme: http", ":authority: test", ":path: " + path));
    all.addAll(List.of(fields));
    return all.toArray(String[]::new);
  }

  /// Sends HEADERS with fields as `name: value`.
  public H2Client headers(int stream, boolean end, String... fields) throws IOException {
    int flags = Frames.END_HEADERS | (end ? Frames.END_STREAM : 0);
    return frame(Frames.HEADERS, flags, stream, block(fields));
  }

  /// A block of literal fields; the name is not changed.
  public static byte[] block(String... fields) {
    ByteBuf out = Unpooled.buffer();
    for (String each : fields) {
      int colon = each.startsWith(": ") ? 0 : each.indexOf(": ", 1);
      byte[] name = each.substring(0, colon).getBytes(ISO_8859_1);
      byte[] value = each.substring(colon + 2).getBytes(ISO_8859_1);
      out.writeByte(0);
      length(out, name.length);
      out.writeBytes(name);
      length(out, value.length);
      out.writeBytes(value);
    }
    return ByteBufUtil.getBytes(out);
  }

  private static void length(ByteBuf out, int length) {
    if (length < 127) {
      out.writeByte(length);
      return;
    }
    out.writeByte(127);
    int rest = length - 127;
    while (rest > 127) {
      out.writeByte(rest & 127 | 128);
      rest >>>= 7;
    }
    out.writeByte(rest);
  }

  /// The next frame.
  public Frame next() throws IOException {
    int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    int stream = in.readInt();
    byte[] payload = new byte[length];
    in.readFully(payload);
    return new Frame(type, flags, stream, payload);
  }

  /// The next frame of one of these types; others are passed over.
  public Frame next(int... types) throws IOException {
    while (true) {
      Frame frame = next();
      for (int type : types) {
        if (frame.type == type) {
          return frame;
        }
      }
    }
  }

  /// Waits for a PING to come back: what was sent before has been dealt with.
  public void roundTrip() throws IOException {
    frame(Frames.PING, 0, 0, new byte[8]);
    while ((next(Frames.PING).flags & Frames.ACK) == 0) {
      // Another's PING.
    }
  }

  /// Reads the answer of a stream; frames of others are passed over, and its content is credited.
  public Answer answer(int stream) throws IOException {
    List<List<String>> interim = new ArrayList<>();
    List<String> fields = List.of();
    List<String> trailers = List.of();
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    while (true) {
      Frame frame = next();
      if (frame.type == Frames.GOAWAY && frame.error() != 0) {
        throw new EOFException("GOAWAY with " + frame.error());
      }
      List<String> decoded = frame.type == Frames.HEADERS ? decode(frame) : List.of();
      if (frame.type == Frames.DATA && frame.payload.length > 0) {
        widen(0, frame.payload.length);
      }
      if (frame.stream != stream) {
        continue;
      }
      if (frame.type == Frames.RST_STREAM) {
        return new Answer(interim, fields, content.toByteArray(), trailers, frame.error());
      } else if (frame.type == Frames.DATA) {
        content.write(frame.payload);
        if (frame.payload.length > 0 && !frame.ends()) {
          widen(stream, frame.payload.length);
        }
      } else if (frame.type == Frames.HEADERS && !fields.isEmpty()) {
        trailers = decoded;
      } else if (frame.type == Frames.HEADERS && decoded.getFirst().startsWith(":status: 1")) {
        interim.add(decoded);
      } else if (frame.type == Frames.HEADERS) {
        fields = decoded;
      }
      if (frame.ends()) {
        return new Answer(interim, fields, content.toByteArray(), trailers, -1);
      }
    }
  }

  /// The fields of a HEADERS frame, as `name: value`.
  public List<String> decode(Frame frame) {
    List<String> fields = new ArrayList<>();
    boolean intact =
        decoder.decode(
            frame.payload,
            0,
            frame.payload.length,
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

  /// Whether the connection ends without another frame than those that close it.
  public boolean isEnded() {
    try {
      while (true) {
        Frame frame = next();
        if (frame.type == Frames.HEADERS || frame.type == Frames.DATA) {
          return false;
        }
      }
    } catch (EOFException | SocketException e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
