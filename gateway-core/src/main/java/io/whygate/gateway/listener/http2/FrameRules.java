package io.whygate.gateway.listener.http2;

import io.netty.buffer.ByteBuf;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.HeadLimits;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.http2.ErrorCode;
import io.whygate.gateway.http2.FieldBlocks;
import io.whygate.gateway.http2.FrameReader;
import io.whygate.gateway.http2.Frames;
import io.whygate.gateway.listener.client.Abuse;
import io.whygate.gateway.listener.client.Priority;
import io.whygate.gateway.listener.client.RequestFields;
import io.whygate.gateway.reply.LocalReply;
import org.jspecify.annotations.Nullable;

/// What each frame of a client means, and which ones are errors: of their stream or of the
/// connection (RFC 9113 sections 5, 6 and 8.1). Confined to its event loop.
final class FrameRules implements FrameReader.Handler {
  private final Http2Connection connection;
  private final FieldBlocks blocks;
  private final RequestFields fields;
  private boolean begun;

  FrameRules(Http2Connection connection, HeadLimits limits) {
    this.connection = connection;
    int listSize = RequestFields.maxListSize(limits);
    this.fields = new RequestFields(limits);
    this.blocks =
        new FieldBlocks(2 * listSize, connection.settings().http2().floods().continuations());
  }

  @Override
  public void broken(ErrorCode why, String detail) {
    connection.fail(why, detail);
  }

  private void broken(String detail) {
    broken(ErrorCode.PROTOCOL_ERROR, detail);
  }

  /// Takes one of a kind from its budget; without one the connection is over.
  private boolean spend(Abuse kind) {
    return connection.spend(kind);
  }

  /// Resets a stream for what the client did wrong.
  private void streamError(int id, ErrorCode why) {
    if (!spend(Abuse.RESETS)) {
      return;
    }
    Http2Stream stream = connection.stream(id);
    if (stream != null) {
      connection.reset(stream, why);
    } else {
      connection.reset(id, why);
      connection.closedStreams().add(id, ClosedStreams.How.RESET_HERE);
    }
  }

  @Override
  public void frame(int type, int flags, int id, ByteBuf payload) {
    if (!begun) {
      if (type != Frames.SETTINGS || (flags & Frames.ACK) != 0) {
        broken("a first frame other than SETTINGS");
        return;
      }
      begun = true;
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
      case Frames.PRIORITY -> priority(id, payload);
      case Frames.RST_STREAM -> reset(id);
      case Frames.SETTINGS -> settings(flags, payload);
      case Frames.PUSH_PROMISE -> broken("PUSH_PROMISE from a client");
      case Frames.PING -> ping(flags, payload);
      case Frames.GOAWAY -> connection.clientLeaves();
      case Frames.WINDOW_UPDATE -> windowUpdate(id, payload);
      case Frames.PRIORITY_UPDATE -> priorityUpdate(payload);
      default -> {
        // Unknown frames are ignored (RFC 9113 section 5.5).
      }
    }
  }

  /// Whether the client never used this number.
  private boolean isIdle(int id) {
    return (id & 1) == 0 || id > connection.lastStream();
  }

  private void data(int flags, int id, ByteBuf payload) {
    int size = payload.readableBytes();
    boolean end = (flags & Frames.END_STREAM) != 0;
    int length = Frames.unpadded(flags, payload);
    if (length < 0) {
      broken("padding longer than its frame");
      return;
    }
    if (!connection.received(size)) {
      broken(ErrorCode.FLOW_CONTROL_ERROR, "more DATA than the connection's window");
      return;
    }
    Http2Stream stream = connection.stream(id);
    if (!end && !isBearable(stream, length)) {
      return;
    }
    if (stream == null) {
      connection.credit(size);
      dataOfNone(id);
    } else if (stream.incoming().isEnded()) {
      connection.credit(size);
      streamError(id, ErrorCode.STREAM_CLOSED);
    } else {
      connection.touched(stream);
      ErrorCode problem = stream.incoming().data(payload.readRetainedSlice(length), size, end);
      if (problem != null) {
        connection.credit(size);
        streamError(id, problem);
      }
    }
  }

  /// Whether a frame that does not end its stream may carry so little; the first may, but for
  /// nothing.
  private boolean isBearable(@Nullable Http2Stream stream, int length) {
    if (length == 0) {
      return spend(Abuse.EMPTY_FRAMES);
    }
    boolean first = stream != null && stream.incoming().total() == 0;
    if (first || connection.floods().allows(length)) {
      return true;
    }
    broken(ErrorCode.ENHANCE_YOUR_CALM, Abuse.SMALL_PIECES.label());
    return false;
  }

  /// DATA came for a stream that is not open.
  private void dataOfNone(int id) {
    if (isIdle(id)) {
      if (!connection.takesNoStreams() || (id & 1) == 0) {
        broken("DATA for a stream that was never opened");
      }
      return;
    }
    switch (connection.closedStreams().of(id)) {
      case RESET_HERE -> {}
      case ENDED -> broken(ErrorCode.STREAM_CLOSED, "DATA for a stream that ended");
      case RESET_BY_CLIENT, UNKNOWN -> streamError(id, ErrorCode.STREAM_CLOSED);
    }
  }

  private void headers(int flags, int id, ByteBuf payload) {
    if ((id & 1) == 0) {
      broken("a stream with an even number");
      return;
    }
    int length = Frames.unpadded(flags, payload);
    if ((flags & Frames.PRIORITIZED) != 0) {
      length -= 5;
      payload.skipBytes(Math.min(5, payload.readableBytes()));
    }
    if (length < 0) {
      broken("padding longer than its frame");
      return;
    }
    blocks.begin(id, (flags & Frames.END_STREAM) != 0);
    if (!blocks.add(payload, length)) {
      tooMuch();
    } else if ((flags & Frames.END_HEADERS) != 0) {
      blockRead();
    } else {
      connection.blockOpen(true);
    }
  }

  private void continuation(int flags, ByteBuf payload) {
    if (!blocks.goesOn() || !blocks.add(payload, payload.readableBytes())) {
      tooMuch();
    } else if ((flags & Frames.END_HEADERS) != 0) {
      connection.blockOpen(false);
      blockRead();
    }
  }

  private void tooMuch() {
    connection.floods().note(Abuse.CONTINUATIONS);
    broken(ErrorCode.ENHANCE_YOUR_CALM, Abuse.CONTINUATIONS.label());
  }

  /// A field block is whole. It is decoded in any case: all that follow build on it.
  private void blockRead() {
    int id = blocks.stream();
    boolean end = blocks.endsStream();
    Http2Stream stream = connection.stream(id);
    fields.begin(stream != null);
    if (!blocks.decode(fields)) {
      broken(ErrorCode.COMPRESSION_ERROR, "a field block that cannot be decompressed");
    } else if (fields.isTooLarge() && !spend(Abuse.HEADER_LISTS)) {
      return;
    } else if (stream != null) {
      trailers(stream, end);
    } else if (isIdle(id)) {
      request(id, end);
    } else {
      switch (connection.closedStreams().of(id)) {
        case RESET_HERE -> {}
        case ENDED, RESET_BY_CLIENT ->
            broken(ErrorCode.STREAM_CLOSED, "HEADERS for a stream that is closed");
        case UNKNOWN -> broken("a stream with a number below the last one");
      }
    }
  }

  private void trailers(Http2Stream stream, boolean end) {
    if (stream.incoming().isEnded()) {
      streamError(stream.id(), ErrorCode.STREAM_CLOSED);
      return;
    }
    FieldSection section = fields.readTrailers();
    if (!end || !fields.malformed().isEmpty() || fields.isTooLarge()) {
      streamError(stream.id(), ErrorCode.PROTOCOL_ERROR);
      return;
    }
    connection.touched(stream);
    ErrorCode problem = stream.incoming().trailers(section);
    if (problem != null) {
      streamError(stream.id(), problem);
    }
  }

  private void request(int id, boolean end) {
    if (connection.takesNoStreams()) {
      return;
    }
    connection.used(id);
    if (connection.streams() >= connection.settings().http2().maxStreams()) {
      streamError(id, ErrorCode.REFUSED_STREAM);
      return;
    }
    RequestHead head = connection.newHead();
    boolean valid = fields.readHead(head, end);
    if (!fields.malformed().isEmpty()) {
      streamError(id, ErrorCode.PROTOCOL_ERROR);
      return;
    }
    Http2Stream stream = connection.open(id, head, fields.priority());
    if (end) {
      stream.incoming().endedWithHead();
    }
    LocalReply refusal = fields.refusal(head, valid, connection.settings().limits().body());
    if (refusal == null) {
      connection.begins(stream);
    } else {
      stream.refuse(refusal);
    }
  }

  private void priority(int id, ByteBuf payload) {
    if (!spend(Abuse.PRIORITIES)) {
      return;
    }
    if (payload.readableBytes() != 5) {
      if (connection.stream(id) != null) {
        streamError(id, ErrorCode.FRAME_SIZE_ERROR);
      } else {
        broken(ErrorCode.FRAME_SIZE_ERROR, "PRIORITY of a wrong size");
      }
    }
  }

  private void priorityUpdate(ByteBuf payload) {
    if (!spend(Abuse.PRIORITIES)) {
      return;
    }
    int id = payload.readInt() & Integer.MAX_VALUE;
    if ((id & 1) == 0) {
      broken("PRIORITY_UPDATE for no stream of the client's");
      return;
    }
    Http2Stream stream = connection.stream(id);
    if (stream != null) {
      byte[] value = new byte[Math.min(payload.readableBytes(), 64)];
      payload.readBytes(value);
      stream.prioritize(Priority.parse(value, 0, value.length));
    }
  }

  private void reset(int id) {
    if (isIdle(id)) {
      if (!connection.takesNoStreams() || (id & 1) == 0) {
        broken("RST_STREAM for a stream that was never opened");
      }
      return;
    }
    if (!spend(Abuse.RESETS)) {
      return;
    }
    Http2Stream stream = connection.stream(id);
    if (stream != null) {
      connection.cancelled(stream);
    }
  }

  private void settings(int flags, ByteBuf payload) {
    if ((flags & Frames.ACK) != 0) {
      return;
    }
    if (!spend(Abuse.SETTINGS)) {
      return;
    }
    while (payload.isReadable()) {
      int setting = payload.readUnsignedShort();
      long value = payload.readUnsignedInt();
      ErrorCode problem = Frames.settingProblem(setting, value);
      if (problem != null) {
        broken(problem, "an invalid setting");
        return;
      }
      if (setting == Frames.SETTING_HEADER_TABLE_SIZE) {
        connection.encoder().limit(value);
      } else if (setting == Frames.SETTING_INITIAL_WINDOW_SIZE
          && !connection.initialWindow((int) value)) {
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
      connection.pinged(opaque);
    } else if (spend(Abuse.PINGS)) {
      Frames.ping(connection.outbound().out(), true, opaque);
      connection.outbound().wrote();
    }
  }

  private void windowUpdate(int id, ByteBuf payload) {
    int increment = payload.readInt() & Integer.MAX_VALUE;
    if (!spend(Abuse.WINDOW_UPDATES)) {
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
    Http2Stream stream = connection.stream(id);
    if (stream != null) {
      if (increment == 0) {
        streamError(id, ErrorCode.PROTOCOL_ERROR);
      } else if (!stream.widen(increment)) {
        streamError(id, ErrorCode.FLOW_CONTROL_ERROR);
      }
    } else if (isIdle(id) && (!connection.takesNoStreams() || (id & 1) == 0)) {
      broken("WINDOW_UPDATE for a stream that was never opened");
    }
  }
}
