package io.whygate.gateway.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.Optional;

/// Whole messages, read from bytes as the gateway reads them; for tests that make up bytes.
public final class Messages {
  /// Wider than those that made-up bytes are read with first: what is written anew is longer.
  private static final HeadLimits WIDE = new HeadLimits(20_000, 40_000, 200);

  private static final HeadLimits NARROW = new HeadLimits(500, 2000, 30);

  private Messages() {}

  /// A message that was read to its end.
  ///
  /// @param left bytes behind it
  public record Whole<T extends MessageHead>(T head, byte[] content, int left) {

    /// Writes content as the head says that it comes.
    public void writeContent(ByteBuf out) {
      if (head.framing() == Framing.CHUNKED && content.length > 0) {
        out.writeCharSequence(Integer.toHexString(content.length) + "\r\n", ISO_8859_1);
        out.writeBytes(content);
        out.writeCharSequence("\r\n", ISO_8859_1);
      } else if (head.framing() != Framing.CHUNKED) {
        out.writeBytes(content);
      }
      if (head.framing() == Framing.CHUNKED) {
        out.writeCharSequence("0\r\n\r\n", ISO_8859_1);
      }
    }
  }

  /// A request from bytes that come in two pieces; nothing where it is not whole, or none.
  public static Optional<Whole<RequestHead>> request(byte[] bytes, int cut) {
    return read(new RequestHead(NARROW), NARROW, bytes, cut);
  }

  /// The same of what was written anew.
  public static Optional<Whole<RequestHead>> requestWritten(ByteBuf written) {
    return read(new RequestHead(WIDE), WIDE, ByteBufUtil.getBytes(written), 0);
  }

  /// An answer from bytes that come in two pieces.
  ///
  /// @param toHead whether HEAD was asked
  public static Optional<Whole<ResponseHead>> response(byte[] bytes, int cut, boolean toHead) {
    return read(answer(NARROW, toHead), NARROW, bytes, cut);
  }

  /// The same of what was written anew.
  public static Optional<Whole<ResponseHead>> responseWritten(ByteBuf written, boolean toHead) {
    return read(answer(WIDE, toHead), WIDE, ByteBufUtil.getBytes(written), 0);
  }

  private static ResponseHead answer(HeadLimits limits, boolean toHead) {
    ResponseHead head = new ResponseHead(limits);
    head.answering(toHead);
    return head;
  }

  private static <T extends MessageHead> Optional<Whole<T>> read(
      T head, HeadLimits limits, byte[] bytes, int cut) {
    ByteBuf in = Unpooled.buffer(bytes.length + 1);
    try {
      in.writeBytes(bytes, 0, cut);
      MessageHead.Progress progress = head.read(in);
      in.writeBytes(bytes, cut, bytes.length - cut);
      if (progress == MessageHead.Progress.MORE) {
        progress = head.read(in);
      }
      if (progress != MessageHead.Progress.DONE) {
        return Optional.empty();
      }
      ByteArrayOutputStream content = new ByteArrayOutputStream();
      ContentReader reader = new ContentReader(limits);
      reader.begin(head.framing(), head.contentLength());
      ContentReader.Progress end =
          reader.read(
              in,
              piece -> {
                content.writeBytes(ByteBufUtil.getBytes(piece));
                piece.release();
              });
      boolean whole =
          end == ContentReader.Progress.DONE
              || (end == ContentReader.Progress.MORE && reader.mayEndNow());
      return whole
          ? Optional.of(new Whole<>(head, content.toByteArray(), in.readableBytes()))
          : Optional.empty();
    } finally {
      in.release();
    }
  }
}
