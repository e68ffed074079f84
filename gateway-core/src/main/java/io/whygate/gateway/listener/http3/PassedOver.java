package io.whygate.gateway.listener.http3;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.whygate.gateway.listener.client.Abuse;

/// Counts the frames that Netty's codec of HTTP/3 passes over without a trace: those of types that
/// it does not know, but for a range that it hands on. Stands before the codec, and reads of each
/// frame its type and its length (RFC 9114 section 7.1).
final class PassedOver extends ChannelInboundHandlerAdapter {
  private static final long CONTROL_STREAM = 0;
  private static final long LAST_OF_HTTP2 = 0x9;
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

  /// What comes next on a stream.
  private enum Part {
    TYPE_OF_STREAM,
    TYPE_OF_FRAME,
    LENGTH,
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
      if (payload > 0) {
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
    if (missing == 0) {
      came();
    }
  }

  private void came() {
    switch (next) {
      case TYPE_OF_STREAM -> next = number == CONTROL_STREAM ? Part.TYPE_OF_FRAME : Part.NONE;
      case TYPE_OF_FRAME -> {
        type = number;
        next = Part.LENGTH;
      }
      case LENGTH -> {
        payload = number;
        next =
            isSeen(type) || connection.spend(Abuse.EMPTY_FRAMES) ? Part.TYPE_OF_FRAME : Part.NONE;
      }
      case NONE -> {}
    }
  }

  /// Whether the codec hands such frames on, or ends the connection for them.
  private static boolean isSeen(long type) {
    return type <= LAST_OF_HTTP2
        || type == MAX_PUSH_ID
        || (type >= FIRST_HANDED_ON && type <= LAST_HANDED_ON);
  }
}
