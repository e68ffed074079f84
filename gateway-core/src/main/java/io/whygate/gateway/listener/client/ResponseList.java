package io.whygate.gateway.listener.client;

import io.whygate.gateway.exchange.HeadEdit;
import io.whygate.gateway.http.Chunks;
import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.Grammar;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.http2.HpackDecoder;
import io.whygate.gateway.reply.LocalReply;
import java.nio.charset.StandardCharsets;

/// The fields of an answer as a list, which is how HTTP/2 and HTTP/3 carry them: those that pass,
/// then what this hop has to say. The status is not among them. Confined to an event loop.
public final class ResponseList {
  private static final byte[] DATE = ascii("date");
  private static final byte[] STRICT_TRANSPORT = ascii("strict-transport-security");
  private static final byte[] ALT_SVC = ascii("alt-svc");
  private static final byte[] ACCEPT_KEY = ascii("sec-websocket-accept");

  private final OwnFields own;
  private final boolean speaksOfHttp3;

  /// @param speaksOfHttp3 whether clients are told where HTTP/3 is spoken
  public ResponseList(OwnFields own, boolean speaksOfHttp3) {
    this.own = own;
    this.speaksOfHttp3 = speaksOfHttp3;
  }

  /// Lists the fields of an upstream's answer.
  ///
  /// @param status the one that the client is told
  public void write(int status, ResponseHead head, HeadEdit edit, HpackDecoder.Sink out) {
    FieldSection fields = head.fields();
    boolean nominations = head.hasNominations();
    boolean open =
        head.framing() == Framing.CHUNKED
            || head.framing() == Framing.UNTIL_CLOSE
            || edit.isRecoded();
    boolean dated = status < 200;
    boolean strict = status < 200;
    boolean alternative = status < 200 || !speaksOfHttp3 || own.altSvc().length == 0;
    for (int i = 0; i < fields.count(); i++) {
      FieldName known = fields.known(i);
      dated |= known == FieldName.DATE;
      strict |= known == FieldName.STRICT_TRANSPORT_SECURITY;
      alternative |= known == FieldName.ALT_SVC;
      boolean passes =
          known != FieldName.UPGRADE
              && ResponseFields.passes(head, i, nominations, open)
              && !ResponseFields.isReplaced(fields, i, edit)
              && (head.status() != 101 || !isAcceptKey(fields, i));
      if (passes) {
        field(fields, i, out);
      }
    }
    if (!dated) {
      date(out);
    }
    if (!strict) {
      strictTransport(out);
    }
    if (!alternative) {
      field(ALT_SVC, own.altSvc(), out);
    }
    if (!edit.fields().isEmpty()) {
      for (String line : edit.fields().lines().toList()) {
        int colon = line.indexOf(':');
        field(line.substring(0, colon), line.substring(colon + 1).strip(), out);
      }
    }
  }

  /// The proof that a WebSocket server understood: in HTTP/2 the status is proof enough (RFC 8441
  /// section 5).
  private static boolean isAcceptKey(FieldSection fields, int field) {
    return Grammar.equalsIgnoreCase(
        fields.bytes(), fields.nameStart(field), fields.nameEnd(field), ACCEPT_KEY);
  }

  /// Lists the fields of an answer of the gateway's own.
  public void write(LocalReply reply, HpackDecoder.Sink out) {
    for (LocalReply.Field field : reply.fields()) {
      field(field.name(), field.value(), out);
    }
    date(out);
    strictTransport(out);
    if (speaksOfHttp3 && own.altSvc().length > 0) {
      field(ALT_SVC, own.altSvc(), out);
    }
  }

  /// Lists trailer fields, those that may pass.
  public static void write(FieldSection trailers, HpackDecoder.Sink out) {
    for (int i = 0; i < trailers.count(); i++) {
      if (Chunks.mayPass(trailers, i)) {
        field(trailers, i, out);
      }
    }
  }

  private void date(HpackDecoder.Sink out) {
    field(DATE, own.date(), out);
  }

  private void strictTransport(HpackDecoder.Sink out) {
    if (own.strictTransport().length > 0) {
      field(STRICT_TRANSPORT, own.strictTransport(), out);
    }
  }

  private static void field(FieldSection fields, int i, HpackDecoder.Sink out) {
    byte[] bytes = fields.bytes();
    out.field(
        bytes,
        fields.nameStart(i),
        fields.nameEnd(i),
        bytes,
        fields.valueStart(i),
        fields.valueEnd(i));
  }

  private static void field(String name, String value, HpackDecoder.Sink out) {
    field(ascii(name), value.getBytes(StandardCharsets.ISO_8859_1), out);
  }

  private static void field(byte[] name, byte[] value, HpackDecoder.Sink out) {
    out.field(name, 0, name.length, value, 0, value.length);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
