package io.whygate.gateway.listener.http2;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.HeadLimits;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.http2.ErrorCode;
import io.whygate.gateway.http2.FieldBlocks;
import io.whygate.gateway.http2.FrameReader;
import io.whygate.gateway.http2.Frames;
import io.whygate.gateway.listener.client.RequestFields;

/// Any bytes as frames of a client: the field blocks in them are decompressed, and what is taken
/// for the head of a request is the head of one request of HTTP/1.1 and nothing besides.
public final class FramesFuzz {
  private static final HeadLimits LIMITS = new HeadLimits(500, 2000, 30);

  private FramesFuzz() {}

  /// Called by Jazzer.
  public static void fuzzerTestOneInput(byte[] bytes) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    new FrameReader(16_384, new Blocks()).read(in);
    in.release();
  }

  /// Takes the field blocks out of the frames.
  private static final class Blocks implements FrameReader.Handler {
    private final int size = RequestFields.maxListSize(LIMITS);
    private final FieldBlocks blocks = new FieldBlocks(2 * size, 8);
    private final RequestFields fields = new RequestFields(LIMITS);
    private boolean broken;

    @Override
    public void frame(int type, int flags, int stream, ByteBuf payload) {
      boolean begins = type == Frames.HEADERS && blocks.stream() == 0;
      boolean goesOn = type == Frames.CONTINUATION && blocks.stream() == stream;
      if (broken || !(begins || goesOn)) {
        return;
      }
      if (begins) {
        blocks.begin(stream, (flags & Frames.END_STREAM) != 0);
      }
      if (!blocks.add(payload, payload.readableBytes())) {
        broken = true;
      } else if ((flags & Frames.END_HEADERS) != 0) {
        whole();
      }
    }

    private void whole() {
      boolean trailers = (blocks.stream() & 2) != 0;
      boolean end = blocks.endsStream();
      fields.begin(trailers);
      if (!blocks.decode(fields)) {
        broken = true;
      } else if (trailers) {
        fields.readTrailers();
      } else {
        RequestHead head = new RequestHead(LIMITS);
        if (fields.readHead(head, end)) {
          check(head, end);
        }
      }
    }

    @Override
    public void broken(ErrorCode why, String detail) {
      broken = true;
    }
  }

  private static void check(RequestHead head, boolean end) {
    String text = head.fields().text(0, head.fields().filled());
    check(text.indexOf("\r\n\r\n") == text.length() - 4, "more than one head: " + text);
    String bare = text.replace("\r\n", "");
    check(bare.indexOf('\r') < 0 && bare.indexOf('\n') < 0, "a line end that is none");
    check(bare.indexOf('\0') < 0, "NUL");
    int lines = text.getBytes(ISO_8859_1).length - bare.length();
    check(lines / 2 == head.fields().count() + 2, "a line that is no field");
    check(!end || head.framing() == Framing.NONE, "content behind the end");
    int host = head.fields().find(FieldName.HOST, 0);
    check(host >= 0 && head.fields().find(FieldName.HOST, host + 1) < 0, "not one Host");
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
