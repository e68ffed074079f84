package io.whygate.gateway.connection.health;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.util.function.IntConsumer;

/// Reads the status code of an answer (RFC 9112 section 4) and forgets the rest; interim answers
/// are skipped. Tells it once.
final class StatusReader extends ChannelInboundHandlerAdapter {
  /// What is told where the bytes are no answer, or end before one.
  static final int NO_STATUS = 0;

  private static final String PATTERN = "HTTP/1.d ddd";

  private final IntConsumer told;
  private int matched;
  private int status;
  private int line;
  private boolean skipping;
  private boolean over;

  StatusReader(IntConsumer told) {
    this.told = told;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf bytes) {
      try {
        while (!over && bytes.isReadable()) {
          next(bytes.readByte());
        }
      } finally {
        bytes.release();
      }
    } else {
      ctx.fireChannelRead(message);
    }
  }

  private void next(byte b) {
    if (skipping) {
      skip(b);
      return;
    }
    char wanted = PATTERN.charAt(matched);
    boolean digit = b >= '0' && b <= '9';
    if (wanted == 'd' ? !digit : b != wanted) {
      tell(NO_STATUS);
      return;
    }
    if (matched > PATTERN.indexOf(' ')) {
      status = status * 10 + (b - '0');
    }
    if (++matched == PATTERN.length()) {
      if (status >= 100 && status < 200) {
        skipping = true;
        line = 1;
      } else {
        tell(status);
      }
    }
  }

  /// Skips to the end of an interim answer's head: an empty line.
  private void skip(byte b) {
    if (b == '\n') {
      if (line == 0) {
        skipping = false;
        matched = 0;
        status = 0;
      }
      line = 0;
    } else if (b != '\r') {
      line++;
    }
  }

  private void tell(int found) {
    if (!over) {
      over = true;
      told.accept(found);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE) {
      tell(NO_STATUS);
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    tell(NO_STATUS);
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    tell(NO_STATUS);
    ctx.close();
  }
}
