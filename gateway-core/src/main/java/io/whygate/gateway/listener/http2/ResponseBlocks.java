package io.whygate.gateway.listener.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.whygate.gateway.exchange.HeadEdit;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.http2.Frames;
import io.whygate.gateway.http2.HpackDecoder;
import io.whygate.gateway.http2.HpackEncoder;
import io.whygate.gateway.listener.client.OwnFields;
import io.whygate.gateway.listener.client.ResponseList;
import io.whygate.gateway.reply.LocalReply;

/// Writes the heads of answers as HEADERS frames. Confined to its event loop.
final class ResponseBlocks implements HpackDecoder.Sink {
  private final HpackEncoder encoder;
  private final ResponseList list;

  /// Where the block goes that is being written; another's buffer.
  private ByteBuf out = Unpooled.EMPTY_BUFFER;

  ResponseBlocks(HpackEncoder encoder, OwnFields own) {
    this.encoder = encoder;
    this.list = new ResponseList(own, true);
  }

  /// Writes the head of an upstream's answer.
  ///
  /// @param status the one that the client is told
  void write(ByteBuf to, int stream, int status, ResponseHead head, HeadEdit edit, boolean end) {
    int start = begin(to, status);
    list.write(status, head, edit, this);
    Frames.headers(to, start, end, stream);
  }

  /// Writes the head of an answer of the gateway's own.
  void write(ByteBuf to, int stream, LocalReply reply, boolean end) {
    int start = begin(to, reply.status());
    list.write(reply, this);
    Frames.headers(to, start, end, stream);
  }

  private int begin(ByteBuf to, int status) {
    out = to;
    int start = to.writerIndex();
    to.writeZero(Frames.HEAD);
    encoder.begin(to);
    encoder.status(to, status);
    return start;
  }

  @Override
  public void field(byte[] name, int ns, int ne, byte[] value, int vs, int ve) {
    encoder.field(out, name, ns, ne, value, vs, ve);
  }
}
