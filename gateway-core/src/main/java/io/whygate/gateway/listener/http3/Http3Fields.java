package io.whygate.gateway.listener.http3;

import io.netty.handler.codec.http3.DefaultHttp3Headers;
import io.netty.handler.codec.http3.DefaultHttp3HeadersFrame;
import io.netty.handler.codec.http3.Http3Headers;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.util.AsciiString;
import io.whygate.gateway.exchange.HeadEdit;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.http2.HpackDecoder;
import io.whygate.gateway.listener.client.OwnFields;
import io.whygate.gateway.listener.client.ResponseList;
import io.whygate.gateway.reply.LocalReply;
import java.util.Map;

/// Lists of fields between Netty's codec of HTTP/3 and the gateway. A frame that is made here has
/// to be written at once: its texts are those of the head. Confined to its event loop.
final class Http3Fields {
  private final ResponseList list;

  Http3Fields(OwnFields own) {
    this.list = new ResponseList(own, false);
  }

  /// Hands a request's fields on, in order.
  static void read(Http3Headers fields, HpackDecoder.Sink sink) {
    for (Map.Entry<CharSequence, CharSequence> field : fields) {
      AsciiString name = AsciiString.of(field.getKey());
      AsciiString value = AsciiString.of(field.getValue());
      int ns = name.arrayOffset();
      int vs = value.arrayOffset();
      sink.field(name.array(), ns, ns + name.length(), value.array(), vs, vs + value.length());
    }
  }

  /// The head of an upstream's answer.
  ///
  /// @param status the one that the client is told
  Http3HeadersFrame of(int status, ResponseHead head, HeadEdit edit) {
    Http3Headers fields = withStatus(status, head.fields().count());
    list.write(status, head, edit, sink(fields));
    return new DefaultHttp3HeadersFrame(fields);
  }

  /// The head of an answer of the gateway's own.
  Http3HeadersFrame of(LocalReply reply) {
    Http3Headers fields = withStatus(reply.status(), reply.fields().size());
    list.write(reply, sink(fields));
    return new DefaultHttp3HeadersFrame(fields);
  }

  /// Trailer fields, those that may pass.
  static Http3HeadersFrame of(FieldSection trailers) {
    Http3Headers fields = new DefaultHttp3Headers(false, Math.max(2, trailers.count()));
    ResponseList.write(trailers, sink(fields));
    return new DefaultHttp3HeadersFrame(fields);
  }

  private static Http3Headers withStatus(int status, int count) {
    return new DefaultHttp3Headers(false, count + 4).status(Integer.toString(status));
  }

  private static HpackDecoder.Sink sink(Http3Headers fields) {
    return (name, ns, ne, value, vs, ve) ->
        fields.add(
            new AsciiString(name, ns, ne - ns, false).toLowerCase(),
            new AsciiString(value, vs, ve - vs, false));
  }
}
