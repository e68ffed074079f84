package io.whygate.gateway.connection.tls;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.whygate.diagnostics.facts.FailedAttempt;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Looks at a server's bytes during the TLS handshake, before the TLS library takes them: how many,
/// the first of them, and an alert in clear text. Removed once the handshake is complete.
public final class HandshakeWatch extends ChannelInboundHandlerAdapter {
  private static final int RECORD_HEADER = 5;
  private static final int ALERT = 21;
  private static final int FIRST_TYPE = 20;
  private static final int LAST_TYPE = 24;

  private final byte[] first = new byte[FailedAttempt.FIRST_BYTES];
  private final byte[] header = new byte[RECORD_HEADER];
  private long received;
  private int inHeader;
  private int bodyLeft;
  private int bodyRead;
  private int alert = -1;
  private boolean ended;

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf bytes) {
      peek(bytes);
    }
    ctx.fireChannelRead(message);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE) {
      ended = true;
      ctx.close();
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    ended = true;
    ctx.fireChannelInactive();
  }

  private void peek(ByteBuf bytes) {
    int from = bytes.readerIndex();
    int n = bytes.readableBytes();
    if (received < first.length) {
      bytes.getBytes(from, first, (int) received, (int) Math.min(n, first.length - received));
    }
    received += n;
    for (int i = 0; i < n && alert < 0 && !isNotTls(); i++) {
      next(bytes.getByte(from + i));
    }
  }

  private void next(byte b) {
    if (inHeader < RECORD_HEADER) {
      header[inHeader++] = b;
      if (inHeader == RECORD_HEADER) {
        bodyLeft = ((header[3] & 0xff) << 8) | (header[4] & 0xff);
        bodyRead = 0;
      }
    } else {
      bodyRead++;
      bodyLeft--;
      if (header[0] == ALERT && bodyRead == 2 && bodyLeft == 0) {
        alert = b & 0xff;
      }
    }
    if (inHeader == RECORD_HEADER && bodyLeft == 0) {
      inHeader = 0;
    }
  }

  /// The number of the alert that came in clear text, or -1.
  public int alert() {
    return alert;
  }

  /// Whether the first byte is not that of a TLS record.
  public boolean isNotTls() {
    return received > 0 && (first[0] < FIRST_TYPE || first[0] > LAST_TYPE);
  }

  /// Whether the server ended the connection.
  public boolean hasEnded() {
    return ended;
  }

  /// Bytes that came.
  public long received() {
    return received;
  }

  /// The first of them, a character a byte.
  public String firstBytes() {
    int n = (int) Math.min(received, first.length);
    return new String(Arrays.copyOf(first, n), StandardCharsets.ISO_8859_1);
  }
}
