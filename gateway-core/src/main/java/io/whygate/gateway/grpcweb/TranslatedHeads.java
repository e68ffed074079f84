package io.whygate.gateway.grpcweb;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.HeadLimits;
import io.whygate.gateway.http.MessageHead;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.http.ResponseHead;
import java.nio.charset.StandardCharsets;

/// Writes heads anew as the other side is to see them, and reads them as strictly as any other.
final class TranslatedHeads {
  private static final String CHUNKED = "Transfer-Encoding: chunked\r\n";

  private TranslatedHeads() {}

  /// A call's head for a gRPC server: of its type, and with what says that trailers are understood.
  /// What text says is shorter than its length told.
  static RequestHead request(RequestHead from, GrpcWebType type) {
    FieldSection fields = from.fields();
    ByteBuf out = begin(fields);
    out.writeBytes(fields.bytes(), from.methodStart(), from.targetEnd() - from.methodStart());
    ascii(out, " HTTP/1.1\r\n");
    for (int i = 0; i < fields.count(); i++) {
      FieldName known = fields.known(i);
      if (known != FieldName.CONTENT_TYPE
          && known != FieldName.TE
          && known != FieldName.CONTENT_LENGTH
          && known != FieldName.TRANSFER_ENCODING) {
        copy(fields, i, out);
      }
    }
    ascii(out, "Content-Type: " + type.ofGrpc() + "\r\nTE: trailers\r\n");
    if (from.framing() == Framing.CHUNKED || (type.isText() && from.framing() != Framing.NONE)) {
      ascii(out, CHUNKED);
    } else {
      ascii(out, "Content-Length: " + Math.max(0, from.contentLength()) + "\r\n");
    }
    ascii(out, "\r\n");
    return read(out, new RequestHead(limits(out, fields)));
  }

  /// An answer's head for a gRPC-Web client. Trailers follow in its content, whose length is not
  /// known beforehand.
  ///
  /// @param isTrailers whether the head is all that came: what it says of the call becomes content
  static ResponseHead answer(ResponseHead from, String type, boolean isTrailers) {
    FieldSection fields = from.fields();
    ByteBuf out = begin(fields);
    ascii(out, "HTTP/1.1 " + from.status() + " ");
    out.writeBytes(fields.bytes(), from.reasonStart(), from.reasonEnd() - from.reasonStart());
    ascii(out, "\r\n");
    for (int i = 0; i < fields.count(); i++) {
      FieldName known = fields.known(i);
      boolean passes =
          known == null
              ? !isTrailers || !TrailerMessage.takes(fields, i)
              : known != FieldName.CONTENT_TYPE
                  && known != FieldName.CONTENT_LENGTH
                  && known != FieldName.TRANSFER_ENCODING
                  && known != FieldName.TRAILER;
      if (passes) {
        copy(fields, i, out);
      }
    }
    ascii(out, "Content-Type: " + type + "\r\n" + CHUNKED + "\r\n");
    return read(out, new ResponseHead(limits(out, fields)));
  }

  private static ByteBuf begin(FieldSection fields) {
    return Unpooled.buffer(fields.count() * 48 + 256);
  }

  private static void copy(FieldSection fields, int field, ByteBuf out) {
    int start = fields.nameStart(field);
    out.writeBytes(fields.bytes(), start, fields.lineEnd(field) - start);
  }

  private static HeadLimits limits(ByteBuf head, FieldSection fields) {
    return new HeadLimits(head.readableBytes(), head.readableBytes(), fields.count() + 4);
  }

  private static <T extends MessageHead> T read(ByteBuf from, T head) {
    if (head.read(from) != MessageHead.Progress.DONE) {
      throw new AssertionError(
          "a head that was read once: "
              + from.toString(0, from.writerIndex(), StandardCharsets.ISO_8859_1));
    }
    return head;
  }

  private static void ascii(ByteBuf out, String text) {
    ByteBufUtil.writeAscii(out, text);
  }
}
