package io.whygate.gateway.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/// Heads of messages, read from text in which a bar stands for the end of a line.
public final class Heads {
  private static final HeadLimits LIMITS = new HeadLimits(8000, 8000, 100);

  private Heads() {}

  public static RequestHead request(String lines) {
    return read(new RequestHead(LIMITS), lines);
  }

  public static ResponseHead response(String lines) {
    return read(new ResponseHead(LIMITS), lines);
  }

  private static <T extends MessageHead> T read(T head, String lines) {
    ByteBuf in = Unpooled.copiedBuffer(lines.replace("|", "\r\n") + "\r\n\r\n", ISO_8859_1);
    try {
      if (head.read(in) != MessageHead.Progress.DONE) {
        throw new IllegalArgumentException("head: " + lines + " (expected: a sound one)");
      }
      return head;
    } finally {
      in.release();
    }
  }
}
