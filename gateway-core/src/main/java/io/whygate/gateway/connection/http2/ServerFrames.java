package io.whygate.gateway.connection.http2;

import io.netty.buffer.ByteBuf;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Http2Errors;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.gateway.config.UpstreamSettings;
import io.whygate.gateway.http.HeadLimits;
import io.whygate.gateway.http2.Budget;
import io.whygate.gateway.http2.ErrorCode;
import io.whygate.gateway.http2.FieldBlocks;
import io.whygate.gateway.http2.FrameReader;
import io.whygate.gateway.http2.Frames;

/// What each frame of a server means, and which ones are errors: of their stream or of the
/// connection (RFC 9113 sections 5, 6 and 8.1). Confined to its event loop.
final class ServerFrames implements FrameReader.Handler {
  private final Http2UpstreamConnection connection;
  private final FieldBlocks blocks;
  private final AnswerFields fields;
  private final Budget idle;

  ServerFrames(
      Http2UpstreamConnection connection, HeadLimits limits, UpstreamSettings.Floods floods) {
    this.connection = connection;
    this.fields = new AnswerFields(limits);
    this.blocks = new FieldBlocks(2 * AnswerFields.maxListSize(limits), floods.continuations());
    this.idle = new Budget(floods.frames(), floods.window().toNanos());
  }

  @Override
  public void broken(ErrorCode why, String detail) {
    connection.fail(why, detail);
  }

  private void broken(String detail) {
    broken(ErrorCode.PROTOCOL_ERROR, detail);
  }

  /// Ends a stream for what the server did on it.
  private static void streamError(Http2UpstreamStream stream, ErrorCode why, String detail) {
    stream.reset(why, new AttemptFailure.StreamFailed(stream.phase(), why.number(), true, detail));
  }

  /// Counts a frame that carries nothing of an answer; false where there were too many.
  private boolean isBearable() {
    if (idle.spend()) {
      return true;
    }
    broken(ErrorCode.ENHANCE_YOUR_CALM, "too many frames that carry nothing of an answer");
    return false;
  }

  /// A frame of a request's body was sent, which earns what the server says in return.
  void sent() {
    idle.earn(2);
  }

  @Override
  public void frame(int type, int flags, int id, ByteBuf payload) {
    if (!connection.isSettled() && (type != Frames.SETTINGS || (flags & Frames.ACK) != 0)) {
      broken("a first frame other than SETTINGS");
      return;
    }
    boolean continues = type == Frames.CONTINUATION;
    if (continues ? blocks.stream() != id : blocks.stream() != 0) {
      broken("a frame that breaks into a field block, or continues none");
      return;
    }
    switch (type) {
      case Frames.DATA -> data(flags, id, payload);
      case Frames.HEADERS -> headers(flags, id, payload);
      case Frames.CONTINUATION -> continuation(flags, payload);
      case Frames.RST_STREAM -> reset(id, payload);
      case Frames.SETTINGS -> settings(flags, payload);
      case Frames.PUSH_PROMISE -> broken("PUSH_PROMISE, which its client does not take");
      case Frames.PING -> ping(flags, payload);
      case Frames.GOAWAY -> goAway(payload);
      case Frames.WINDOW_UPDATE -> windowUpdate(id, payload);
      // Unknown frames are ignored (RFC 9113 section 5.5), and so are priorities.
      default -> isBearable();
    }
  }

  /// Whether this number was never used for a stream.
  private boolean isIdle(int id) {
    return (id & 1) == 0 || id > connection.streams().last();
  }

  private void data(int flags, int id, ByteBuf payload) {
    int size = payload.readableBytes();
    boolean end = (flags & Frames.END_STREAM) != 0;
    int length = Frames.unpadded(flags, payload);
    if (length < 0) {
      broken("padding longer than its frame");
    } else if (isIdle(id)) {
      broken("DATA for a stream that was never opened");
    } else if (!connection.inbound().takes(size)) {
      broken(ErrorCode.FLOW_CONTROL_ERROR, "more DATA than the connection's window");
    } else {
      Http2UpstreamStream stream = connection.streams().get(id);
      boolean useful = stream != null && (length > 0 || end);
      if (!useful && !isBearable()) {
        return;
      }
      if (useful) {
        idle.earn(2);
      }
      if (stream != null) {
        data(stream, payload.readRetainedSlice(length), size, end);
      }
    }
  }

  private void data(Http2UpstreamStream stream, ByteBuf content, int size, boolean end) {
    boolean isAnswered = stream.answer().body().isEnded();
    if (isAnswered || !stream.isInContent()) {
      content.release();
      streamError(
          stream,
          isAnswered ? ErrorCode.STREAM_CLOSED : ErrorCode.PROTOCOL_ERROR,
          isAnswered ? "DATA after the end of an answer" : "DATA before the head of an answer");
      return;
    }
    connection.streams().touched(stream);
    if (!stream.answer().content(content, size, end)) {
      streamError(stream, ErrorCode.FLOW_CONTROL_ERROR, "more DATA than the stream's window");
    }
  }

  private void headers(int flags, int id, ByteBuf payload) {
    int length = Frames.unpadded(flags, payload);
    if ((flags & Frames.PRIORITIZED) != 0) {
      length -= 5;
      payload.skipBytes(Math.min(5, payload.readableBytes()));
    }
    if (length < 0) {
      broken("padding longer than its frame");
      return;
    }
    if (isIdle(id)) {
      broken("HEADERS for a stream that was never opened");
      return;
    }
    blocks.begin(id, (flags & Frames.END_STREAM) != 0);
    add(flags, payload, length);
  }

  private void continuation(int flags, ByteBuf payload) {
    if (blocks.goesOn()) {
      add(flags, payload, payload.readableBytes());
    } else {
      tooMuch("too many CONTINUATION frames");
    }
  }

  private void add(int flags, ByteBuf payload, int length) {
    Http2UpstreamStream stream = connection.streams().get(blocks.stream());
    if (stream != null) {
      stream.answer().received(length);
    }
    if (!blocks.add(payload, length)) {
      tooMuch("a field block larger than max-response-header allows");
    } else if ((flags & Frames.END_HEADERS) != 0) {
      blockRead();
    }
  }

  /// A field block that cannot be kept cannot be decoded either: the connection is lost with it.
  private void tooMuch(String words) {
    Http2UpstreamStream stream = connection.streams().get(blocks.stream());
    if (stream != null) {
      stream.answer().tooLarge(words);
    }
    broken(ErrorCode.ENHANCE_YOUR_CALM, words);
  }

  /// A field block is whole. It is decoded in any case: all that follow build on it.
  private void blockRead() {
    Http2UpstreamStream stream = connection.streams().get(blocks.stream());
    boolean end = blocks.endsStream();
    boolean ofTrailers = stream != null && stream.isInContent();
    fields.begin(ofTrailers);
    if (!blocks.decode(fields)) {
      broken(ErrorCode.COMPRESSION_ERROR, "a field block that cannot be decompressed");
    } else if (stream == null) {
      isBearable();
    } else if (stream.answer().body().isEnded()) {
      streamError(stream, ErrorCode.STREAM_CLOSED, "HEADERS after the end of an answer");
    } else if (ofTrailers && !end) {
      streamError(stream, ErrorCode.PROTOCOL_ERROR, "a second head that does not end its stream");
    } else {
      idle.earn(2);
      connection.streams().touched(stream);
      if (ofTrailers) {
        stream.answer().trailers(fields);
      } else {
        stream.answer().head(fields, end);
      }
    }
  }

  private void reset(int id, ByteBuf payload) {
    long code = payload.readUnsignedInt();
    Http2UpstreamStream stream = connection.streams().get(id);
    if (stream != null) {
      resetByServer(stream, code);
    } else if (isIdle(id)) {
      broken("RST_STREAM for a stream that was never opened");
    } else {
      isBearable();
    }
  }

  private static void resetByServer(Http2UpstreamStream stream, long code) {
    boolean processed =
        (code != Http2Errors.REFUSED_STREAM && code != Http2Errors.HTTP_1_1_REQUIRED)
            || stream.phase() == Phase.READ_RESPONSE;
    stream.resetByServer(new AttemptFailure.StreamFailed(stream.phase(), code, processed, ""));
  }

  private void settings(int flags, ByteBuf payload) {
    boolean acknowledged = (flags & Frames.ACK) != 0;
    if (!isBearable() || acknowledged) {
      return;
    }
    while (payload.isReadable()) {
      int setting = payload.readUnsignedShort();
      long value = payload.readUnsignedInt();
      ErrorCode problem = Frames.settingProblem(setting, value);
      if (problem == null && setting == Frames.SETTING_ENABLE_PUSH && value != 0) {
        problem = ErrorCode.PROTOCOL_ERROR;
      }
      if (problem != null) {
        broken(problem, "an invalid setting");
        return;
      }
      if (!connection.setting(setting, value)) {
        broken(ErrorCode.FLOW_CONTROL_ERROR, "a stream's window overflows");
        return;
      }
    }
    Frames.settingsAck(connection.outbound().out());
    connection.outbound().wrote();
    connection.settled();
  }

  private void ping(int flags, ByteBuf payload) {
    long opaque = payload.readLong();
    if ((flags & Frames.ACK) != 0) {
      connection.pinged();
    } else if (isBearable()) {
      Frames.ping(connection.outbound().out(), true, opaque);
      connection.outbound().wrote();
    }
  }

  private void goAway(ByteBuf payload) {
    int last = payload.readInt() & Integer.MAX_VALUE;
    connection.goingAway(last, payload.readUnsignedInt());
  }

  private void windowUpdate(int id, ByteBuf payload) {
    int increment = payload.readInt() & Integer.MAX_VALUE;
    if (!isBearable()) {
      return;
    }
    if (id == 0) {
      if (increment == 0) {
        broken("WINDOW_UPDATE by nothing");
      } else if (!connection.outbound().widen(increment)) {
        broken(ErrorCode.FLOW_CONTROL_ERROR, "the connection's window overflows");
      }
      return;
    }
    Http2UpstreamStream stream = connection.streams().get(id);
    if (stream == null) {
      if (isIdle(id)) {
        broken("WINDOW_UPDATE for a stream that was never opened");
      }
    } else if (increment == 0) {
      streamError(stream, ErrorCode.PROTOCOL_ERROR, "WINDOW_UPDATE by nothing");
    } else if (!stream.takesMore(increment)) {
      streamError(stream, ErrorCode.FLOW_CONTROL_ERROR, "the window of a stream overflows");
    }
  }
}
