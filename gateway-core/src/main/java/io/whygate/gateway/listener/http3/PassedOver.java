package io.whygate.gateway.listener.http3;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.http3.Http3ErrorCode;
import io.whygate.gateway.listener.client.Abuse;

/// Counts the frames that Netty's codec of HTTP/3 passes over without a trace: those of types that
/// it does not know, but for a range that it hands on. Stands before the codec, and reads of each
/// frame its type and its length (RFC 9114 section 7.1); and, of those on the control stream that
/// are made of numbers, whether these fill it: the codec reads them without regard to the length,
/// and would take what is left for frames.
final class PassedOver extends ChannelInboundHandlerAdapter {
  private static final long CONTROL_STREAM = 0;
  private static final long LAST_OF_HTTP2 = 0x9;
  private static final long CANCEL_PUSH = 0x3;
  private static final long SETTINGS = 0x4;
  private static final long GOAWAY = 0x7;
  private static final long MAX_PUSH_ID = 0xd;

  /// What the codec takes for types that are kept free of meaning, and hands on.
  private static final long FIRST_HANDED_ON = 0x40;

  private static final long LAST_HANDED_ON = 0x1fL * Integer.MAX_VALUE + 0x21;

  private final Http3Connection connection;
  private Part next;

  /// Bytes of the number that have not come; 0 where none was begun.
  private int missing;

  private long number;
  private long type;
  private long payload;
  private int numbers;
  private boolean isControl;

  /// What comes next on a stream.
  private enum Part {
    TYPE_OF_STREAM,
    TYPE_OF_FRAME,
    LENGTH,
    /// Content that is made of numbers.
    NUMBERS,
    /// What follows is not looked at.
    NONE
  }

  private PassedOver(Http3Connection connection, Part first) {
    this.connection = connection;
    this.next = first;
  }

  static PassedOver ofRequest(Http3Connection connection) {
    return new PassedOver(connection, Part.TYPE_OF_FRAME);
  }

  /// Of a stream that says first what it is; frames are on the control stream alone.
  static PassedOver ofOneDirection(Http3Connection connection) {
    return new PassedOver(connection, Part.TYPE_OF_STREAM);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf bytes && next != Part.NONE) {
      look(bytes);
    }
    ctx.fireChannelRead(message);
  }

  private void look(ByteBuf bytes) {
    int at = bytes.readerIndex();
    int end = bytes.writerIndex();
    while (at < end && next != Part.NONE) {
      if (payload > 0 && next == Part.TYPE_OF_FRAME) {
        int step = (int) Math.min(payload, end - at);
        payload -= step;
        at += step;
      } else {
        take(bytes.getByte(at));
        at++;
      }
    }
  }

  /// Takes a byte of a number (RFC 9000 section 16).
  private void take(byte piece) {
    if (missing == 0) {
      missing = 1 << (piece >> 6 & 3);
      number = piece & 0x3f;
    } else {
      number = number << Byte.SIZE | Byte.toUnsignedLong(piece);
    }
    missing--;
    if (next == Part.NUMBERS) {
      payload--;
    }
    if (missing == 0) {
      came();
    } else if (next == Part.NUMBERS && missing > payload) {
      misread();
    }
  }

  private void came() {
    switch (next) {
      case TYPE_OF_STREAM -> {
        // As the codec does it, which looks at 32 bits of it.
        isControl = (int) number == CONTROL_STREAM;
        next = isControl ? Part.TYPE_OF_FRAME : Part.NONE;
      }
      case TYPE_OF_FRAME -> {
        type = number;
        next = Part.LENGTH;
        if (type > Integer.MAX_VALUE && Integer.toUnsignedLong((int) type) <= MAX_PUSH_ID) {
          misread();
        }
      }
      case LENGTH -> {
        payload = number;
        numbers = 0;
        if (isControl && isOfNumbers()) {
          next = Part.NUMBERS;
          filled();
        } else {
          next =
              isSeen(type) || connection.spend(Abuse.EMPTY_FRAMES) ? Part.TYPE_OF_FRAME : Part.NONE;
        }
      }
      case NUMBERS -> {
        numbers++;
        filled();
      }
      case NONE -> {}
    }
  }

  private boolean isOfNumbers() {
    return type == CANCEL_PUSH || type == SETTINGS || type == GOAWAY || type == MAX_PUSH_ID;
  }

  /// A frame that is made of numbers may be whole: settings are pairs, all others have one.
  private void filled() {
    boolean isWhole = type == SETTINGS ? numbers % 2 == 0 : numbers == 1;
    if (payload == 0 && isWhole) {
      next = Part.TYPE_OF_FRAME;
    } else if (payload == 0 || (numbers > 0 && type != SETTINGS)) {
      misread();
    }
  }

  /// The codec would take a frame for another, or what follows it for its content.
  private void misread() {
    next = Part.NONE;
    connection.malformed(
        Http3ErrorCode.H3_FRAME_ERROR, new CodecException("a frame that is misread"));
  }

  /// Whether the codec hands such frames on, or ends the connection for them.
  private static boolean isSeen(long type) {
    return type <= LAST_OF_HTTP2
        || type == MAX_PUSH_ID
        || (type >= FIRST_HANDED_ON && type <= LAST_HANDED_ON);
  }
}
