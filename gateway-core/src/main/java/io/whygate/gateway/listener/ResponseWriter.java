package io.whygate.gateway.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.whygate.gateway.exchange.HeadEdit;
import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.listener.client.OwnFields;
import io.whygate.gateway.listener.client.ResponseFields;
import io.whygate.gateway.reply.LocalReply;
import java.nio.charset.StandardCharsets;

/// Writes the head of an answer to an HTTP/1 client: what passes through is copied in runs, what
/// belongs to one hop is left out (RFC 9110 section 7.6.1), what this hop has to say is added.
final class ResponseWriter {
  private static final byte[] VERSION = ascii("HTTP/1.1 ");
  private static final byte[] CRLF = ascii("\r\n");
  private static final byte[] CHUNKED = ascii("Transfer-Encoding: chunked\r\n");
  private static final byte[] CLOSE = ascii("Connection: close\r\n");
  private static final byte[] KEEP_ALIVE = ascii("Connection: keep-alive\r\n");
  private static final byte[] UPGRADE = ascii("Connection: Upgrade\r\n");
  private static final byte[] DATE = ascii("Date: ");
  private static final byte[] STRICT_TRANSPORT = ascii("Strict-Transport-Security: ");
  private static final byte[] ALT_SVC = ascii("Alt-Svc: ");

  private ResponseWriter() {}

  /// What the client is told of its connection.
  enum Persistence {
    /// Nothing: HTTP/1.1 keeps it.
    IMPLIED,
    /// HTTP/1.0 is told that it is kept.
    KEEP_ALIVE,
    CLOSE,
    /// It switches protocols.
    UPGRADE
  }

  /// Writes the head of an answer that came from an endpoint.
  static void write(
      ByteBuf out,
      ResponseHead head,
      HeadEdit edit,
      boolean chunked,
      Persistence persistence,
      OwnFields own) {
    FieldSection fields = head.fields();
    byte[] bytes = fields.bytes();
    out.writeBytes(VERSION);
    out.writeBytes(bytes, head.statusStart(), 3);
    out.writeByte(' ');
    out.writeBytes(bytes, head.reasonStart(), head.reasonEnd() - head.reasonStart());
    out.writeBytes(CRLF);
    boolean nominations = head.hasNominations();
    boolean dated = head.isInformational();
    boolean strict = head.isInformational();
    boolean alternative = head.isInformational();
    int count = fields.count();
    for (int i = 0; i < count; i++) {
      FieldName known = fields.known(i);
      dated |= known == FieldName.DATE;
      strict |= known == FieldName.STRICT_TRANSPORT_SECURITY;
      alternative |= known == FieldName.ALT_SVC;
      if (ResponseFields.passes(head, i, nominations, chunked)
          && !ResponseFields.isReplaced(fields, i, edit)) {
        fields.pass(i);
      } else {
        fields.writeRun(out);
      }
    }
    fields.writeRun(out);
    if (!dated) {
      date(out, own);
    }
    if (!strict) {
      strictTransport(out, own);
    }
    if (!alternative) {
      altSvc(out, own);
    }
    if (!edit.fields().isEmpty()) {
      ByteBufUtil.writeAscii(out, edit.fields());
    }
    if (chunked) {
      out.writeBytes(CHUNKED);
    }
    persistence(out, persistence);
    out.writeBytes(CRLF);
  }

  /// Writes the head of an answer of the gateway's own.
  static void write(
      ByteBuf out, LocalReply reply, boolean chunked, Persistence persistence, OwnFields own) {
    out.writeBytes(VERSION);
    ByteBufUtil.writeAscii(out, Integer.toString(reply.status()));
    out.writeByte(' ');
    ByteBufUtil.writeAscii(out, LocalReply.reason(reply.status()));
    out.writeBytes(CRLF);
    for (LocalReply.Field field : reply.fields()) {
      text(out, field.name());
      out.writeByte(':').writeByte(' ');
      text(out, field.value());
      out.writeBytes(CRLF);
    }
    date(out, own);
    strictTransport(out, own);
    altSvc(out, own);
    if (chunked) {
      out.writeBytes(CHUNKED);
    }
    persistence(out, persistence);
    out.writeBytes(CRLF);
  }

  /// Copied in one piece, not a character at a time.
  private static void text(ByteBuf out, String text) {
    out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static void date(ByteBuf out, OwnFields own) {
    out.writeBytes(DATE).writeBytes(own.date()).writeBytes(CRLF);
  }

  private static void strictTransport(ByteBuf out, OwnFields own) {
    if (own.strictTransport().length > 0) {
      out.writeBytes(STRICT_TRANSPORT).writeBytes(own.strictTransport()).writeBytes(CRLF);
    }
  }

  private static void altSvc(ByteBuf out, OwnFields own) {
    if (own.altSvc().length > 0) {
      out.writeBytes(ALT_SVC).writeBytes(own.altSvc()).writeBytes(CRLF);
    }
  }

  private static void persistence(ByteBuf out, Persistence persistence) {
    switch (persistence) {
      case IMPLIED -> {}
      case KEEP_ALIVE -> out.writeBytes(KEEP_ALIVE);
      case CLOSE -> out.writeBytes(CLOSE);
      case UPGRADE -> out.writeBytes(UPGRADE);
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
