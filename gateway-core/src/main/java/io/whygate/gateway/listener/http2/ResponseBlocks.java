package io.whygate.gateway.listener.http2;

import io.netty.buffer.ByteBuf;
import io.whygate.gateway.exchange.HeadEdit;
import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.Grammar;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.http2.Frames;
import io.whygate.gateway.http2.HpackEncoder;
import io.whygate.gateway.listener.client.OwnFields;
import io.whygate.gateway.listener.client.ResponseFields;
import io.whygate.gateway.reply.LocalReply;
import java.nio.charset.StandardCharsets;

/// Writes the heads and trailers of answers as HEADERS frames. Confined to its event loop.
final class ResponseBlocks {
  private static final byte[] DATE = ascii("date");
  private static final byte[] STRICT_TRANSPORT = ascii("strict-transport-security");
  private static final byte[] ACCEPT_KEY = ascii("sec-websocket-accept");

  private final HpackEncoder encoder;
  private final OwnFields own;

  ResponseBlocks(HpackEncoder encoder, OwnFields own) {
    this.encoder = encoder;
    this.own = own;
  }

  /// Writes the head of an upstream's answer.
  ///
  /// @param status the one that the client is told
  void write(ByteBuf out, int stream, int status, ResponseHead head, HeadEdit edit, boolean end) {
    int start = begin(out, status);
    FieldSection fields = head.fields();
    byte[] bytes = fields.bytes();
    boolean nominations = head.hasNominations();
    boolean open =
        head.framing() == Framing.CHUNKED
            || head.framing() == Framing.UNTIL_CLOSE
            || edit.isRecoded();
    boolean dated = status < 200;
    boolean strict = status < 200;
    for (int i = 0; i < fields.count(); i++) {
      FieldName known = fields.known(i);
      dated |= known == FieldName.DATE;
      strict |= known == FieldName.STRICT_TRANSPORT_SECURITY;
      boolean passes =
          known != FieldName.UPGRADE
              && ResponseFields.passes(head, i, nominations, open)
              && !ResponseFields.isReplaced(fields, i, edit)
              && (head.status() != 101 || !isAcceptKey(fields, i));
      if (passes) {
        encoder.field(
            out,
            bytes,
            fields.nameStart(i),
            fields.nameEnd(i),
            bytes,
            fields.valueStart(i),
            fields.valueEnd(i));
      }
    }
    if (!dated) {
      date(out);
    }
    if (!strict) {
      strictTransport(out);
    }
    if (!edit.fields().isEmpty()) {
      for (String line : edit.fields().lines().toList()) {
        int colon = line.indexOf(':');
        field(out, line.substring(0, colon), line.substring(colon + 1).strip());
      }
    }
    Frames.headers(out, start, end, stream);
  }

  /// The proof that a WebSocket server understood: in HTTP/2 the status is proof enough (RFC 8441
  /// section 5).
  private static boolean isAcceptKey(FieldSection fields, int field) {
    return Grammar.equalsIgnoreCase(
        fields.bytes(), fields.nameStart(field), fields.nameEnd(field), ACCEPT_KEY);
  }

  /// Writes the head of an answer of the gateway's own.
  void write(ByteBuf out, int stream, LocalReply reply, boolean end) {
    int start = begin(out, reply.status());
    for (LocalReply.Field field : reply.fields()) {
      field(out, field.name(), field.value());
    }
    date(out);
    strictTransport(out);
    Frames.headers(out, start, end, stream);
  }

  private int begin(ByteBuf out, int status) {
    int start = out.writerIndex();
    out.writeZero(Frames.HEAD);
    encoder.begin(out);
    encoder.status(out, status);
    return start;
  }

  private void date(ByteBuf out) {
    field(out, DATE, own.date());
  }

  private void strictTransport(ByteBuf out) {
    if (own.strictTransport().length > 0) {
      field(out, STRICT_TRANSPORT, own.strictTransport());
    }
  }

  private void field(ByteBuf out, String name, String value) {
    field(out, ascii(name), value.getBytes(StandardCharsets.ISO_8859_1));
  }

  private void field(ByteBuf out, byte[] name, byte[] value) {
    encoder.field(out, name, 0, name.length, value, 0, value.length);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
