package io.whygate.gateway.http2;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The frames of HTTP/2 (RFC 9113 sections 4 and 6): their numbers, their rules, and how they are
/// written.
public final class Frames {
  public static final int DATA = 0;
  public static final int HEADERS = 1;
  public static final int PRIORITY = 2;
  public static final int RST_STREAM = 3;
  public static final int SETTINGS = 4;
  public static final int PUSH_PROMISE = 5;
  public static final int PING = 6;
  public static final int GOAWAY = 7;
  public static final int WINDOW_UPDATE = 8;
  public static final int CONTINUATION = 9;

  /// RFC 9218 section 7.1.
  public static final int PRIORITY_UPDATE = 16;

  public static final int END_STREAM = 1;
  public static final int ACK = 1;
  public static final int END_HEADERS = 4;
  public static final int PADDED = 8;
  public static final int PRIORITIZED = 32;

  public static final int SETTING_HEADER_TABLE_SIZE = 1;
  public static final int SETTING_ENABLE_PUSH = 2;
  public static final int SETTING_MAX_CONCURRENT_STREAMS = 3;
  public static final int SETTING_INITIAL_WINDOW_SIZE = 4;
  public static final int SETTING_MAX_FRAME_SIZE = 5;
  public static final int SETTING_MAX_HEADER_LIST_SIZE = 6;

  /// RFC 8441 section 3.
  public static final int SETTING_ENABLE_CONNECT_PROTOCOL = 8;

  /// RFC 9218 section 2.1.
  public static final int SETTING_NO_RFC7540_PRIORITIES = 9;

  /// Bytes before the payload of each frame.
  public static final int HEAD = 9;

  /// The payload that every peer takes, and the flow-control window that streams and connections
  /// begin with.
  public static final int MIN_MAX_FRAME_SIZE = 16_384;

  public static final int MAX_FRAME_SIZE_LIMIT = (1 << 24) - 1;
  public static final int DEFAULT_WINDOW = 65_535;
  public static final int MAX_WINDOW = Integer.MAX_VALUE;

  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private Frames() {}

  /// What a client sends before its first frame (RFC 9113 section 3.4).
  public static byte[] preface() {
    return PREFACE.clone();
  }

  /// Bytes of the preface.
  public static int prefaceLength() {
    return PREFACE.length;
  }

  /// How many bytes of the buffer are the beginning of the preface; -1 where one is not.
  public static int matchPreface(ByteBuf in) {
    int n = Math.min(in.readableBytes(), PREFACE.length);
    for (int i = 0; i < n; i++) {
      if (in.getByte(in.readerIndex() + i) != PREFACE[i]) {
        return -1;
      }
    }
    return n;
  }

  /// Why a frame of this shape is an error of its connection; null where it is none. PRIORITY of a
  /// wrong size is an error of its stream, and not seen here.
  public static @Nullable ErrorCode problem(int type, int flags, int stream, int length) {
    return switch (type) {
      case DATA, HEADERS, CONTINUATION, PRIORITY -> stream == 0 ? ErrorCode.PROTOCOL_ERROR : null;
      case RST_STREAM ->
          stream == 0 ? ErrorCode.PROTOCOL_ERROR : length != 4 ? ErrorCode.FRAME_SIZE_ERROR : null;
      case SETTINGS -> {
        boolean wrongSize = (flags & ACK) != 0 ? length != 0 : length % 6 != 0;
        yield stream != 0
            ? ErrorCode.PROTOCOL_ERROR
            : wrongSize ? ErrorCode.FRAME_SIZE_ERROR : null;
      }
      case PING ->
          stream != 0 ? ErrorCode.PROTOCOL_ERROR : length != 8 ? ErrorCode.FRAME_SIZE_ERROR : null;
      case GOAWAY ->
          stream != 0 ? ErrorCode.PROTOCOL_ERROR : length < 8 ? ErrorCode.FRAME_SIZE_ERROR : null;
      case WINDOW_UPDATE -> length != 4 ? ErrorCode.FRAME_SIZE_ERROR : null;
      case PRIORITY_UPDATE ->
          stream != 0 ? ErrorCode.PROTOCOL_ERROR : length < 4 ? ErrorCode.FRAME_SIZE_ERROR : null;
      default -> null;
    };
  }

  /// Why a setting's value is an error; null where it is none (RFC 9113 section 6.5.2).
  public static @Nullable ErrorCode settingProblem(int setting, long value) {
    return switch (setting) {
      case SETTING_ENABLE_PUSH, SETTING_ENABLE_CONNECT_PROTOCOL, SETTING_NO_RFC7540_PRIORITIES ->
          value > 1 ? ErrorCode.PROTOCOL_ERROR : null;
      case SETTING_INITIAL_WINDOW_SIZE -> value > MAX_WINDOW ? ErrorCode.FLOW_CONTROL_ERROR : null;
      case SETTING_MAX_FRAME_SIZE ->
          value < MIN_MAX_FRAME_SIZE || value > MAX_FRAME_SIZE_LIMIT
              ? ErrorCode.PROTOCOL_ERROR
              : null;
      default -> null;
    };
  }

  /// Writes the head of a frame.
  public static void head(ByteBuf out, int length, int type, int flags, int stream) {
    out.writeMedium(length).writeByte(type).writeByte(flags).writeInt(stream);
  }

  public static void setting(ByteBuf out, int setting, int value) {
    out.writeShort(setting).writeInt(value);
  }

  public static void reset(ByteBuf out, int stream, ErrorCode why) {
    head(out, 4, RST_STREAM, 0, stream);
    out.writeInt(why.number());
  }

  public static void windowUpdate(ByteBuf out, int stream, int increment) {
    head(out, 4, WINDOW_UPDATE, 0, stream);
    out.writeInt(increment);
  }

  public static void ping(ByteBuf out, boolean ack, long opaque) {
    head(out, 8, PING, ack ? ACK : 0, 0);
    out.writeLong(opaque);
  }

  public static void settingsAck(ByteBuf out) {
    head(out, 0, SETTINGS, ACK, 0);
  }

  public static void goAway(ByteBuf out, int lastStream, ErrorCode why, String detail) {
    byte[] text = detail.getBytes(StandardCharsets.US_ASCII);
    head(out, 8 + text.length, GOAWAY, 0, 0);
    out.writeInt(lastStream).writeInt(why.number()).writeBytes(text);
  }

  /// Cuts a block of encoded fields that was written behind room for one frame's head into HEADERS
  /// and CONTINUATION frames.
  ///
  /// @param start where the room begins; the block follows it up to the writer index
  public static void headers(ByteBuf out, int start, boolean endStream, int stream) {
    int length = out.writerIndex() - start - HEAD;
    int flags = endStream ? END_STREAM : 0;
    if (length <= MIN_MAX_FRAME_SIZE) {
      int end = out.writerIndex();
      out.writerIndex(start);
      head(out, length, HEADERS, flags | END_HEADERS, stream);
      out.writerIndex(end);
      return;
    }
    ByteBuf block = out.copy(start + HEAD, length);
    try {
      out.writerIndex(start);
      head(out, MIN_MAX_FRAME_SIZE, HEADERS, flags, stream);
      out.writeBytes(block, MIN_MAX_FRAME_SIZE);
      while (block.isReadable()) {
        int n = Math.min(block.readableBytes(), MIN_MAX_FRAME_SIZE);
        boolean last = n == block.readableBytes();
        head(out, n, CONTINUATION, last ? END_HEADERS : 0, stream);
        out.writeBytes(block, n);
      }
    } finally {
      block.release();
    }
  }

  /// Skips the length of the padding.
  ///
  /// @return bytes between it and the padding; -1 where the padding is longer than the payload
  public static int unpadded(int flags, ByteBuf payload) {
    if ((flags & Frames.PADDED) == 0) {
      return payload.readableBytes();
    }
    return payload.isReadable() ? payload.readableBytes() - 1 - payload.readUnsignedByte() : -1;
  }
}
