package io.whygate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.whygate.gateway.compression.Compression;
import io.whygate.gateway.compression.EncodedContent;
import io.whygate.gateway.grpcweb.GrpcWebAnswer;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.reply.LocalReply;
import io.whygate.gateway.transport.PipedBytes;
import org.jspecify.annotations.Nullable;

/// An answer on its way to the client: its content as it comes, compressed, or made gRPC-Web.
///
/// Confined to its event loop.
final class ResponseContent {
  private final RequestHead request;
  private final Downstream downstream;
  private final ExchangeRecord record;

  private @Nullable Compression compression;
  private @Nullable GrpcWebBridge bridge;
  private @Nullable GrpcCall call;
  private @Nullable EncodedContent encoded;
  private @Nullable GrpcWebAnswer translated;
  private @Nullable PageSample sample;

  /// While a piece of the answer is written: whether the client takes it is known once it is
  /// flushed. To pause before that, and resume after, costs two system calls for each piece.
  private boolean handingOn;

  ResponseContent(RequestHead request, Downstream downstream, ExchangeRecord record) {
    this.request = request;
    this.downstream = downstream;
    this.record = record;
  }

  /// What the route does to answers.
  ///
  /// @param by null where they are not compressed
  /// @param carrying null where the request is no gRPC-Web call that is carried
  /// @param called null where it is no call of gRPC
  void routed(
      @Nullable Compression by, @Nullable GrpcWebBridge carrying, @Nullable GrpcCall called) {
    compression = by;
    bridge = carrying;
    call = called;
  }

  /// Has the first piece of content looked at.
  void sample(PageSample by) {
    sample = by;
  }

  /// Whether a piece is being written.
  boolean isHandingOn() {
    return handingOn;
  }

  /// Passes the head on.
  void head(ResponseHead head, HeadEdit edit) {
    HeadEdit whole = edit;
    if (bridge != null) {
      whole = whole.and(bridge.lines(head), false);
      translated = bridge.call().answer(head);
    }
    if (translated != null) {
      downstream.head(translated.head(), whole);
    } else {
      if (call != null) {
        call.answered(head);
      }
      downstream.head(head, compression == null ? whole : compressed(compression, head, whole));
    }
  }

  private HeadEdit compressed(Compression by, ResponseHead head, HeadEdit edit) {
    Compression.Plan plan = by.plan(request, head);
    encoded = plan.content();
    record.encoded = encoded;
    return edit.and(plan.fields(), plan.isRecoded());
  }

  /// Passes a piece on, and owns it.
  ///
  /// @return false where the client cannot be sent it: the answer is not what its head said
  boolean came(ByteBuf piece) {
    if (sample != null) {
      sample.take(piece);
      sample = null;
    }
    ByteBuf out = piece;
    if (encoded != null) {
      out = encoded.encode(piece);
    } else if (translated != null) {
      out = translated.take(piece);
    } else if (call != null) {
      call.follow(piece);
    }
    if (out == null) {
      return false;
    }
    handOn(out);
    return true;
  }

  private void handOn(ByteBuf piece) {
    record.responseBytes += piece.readableBytes();
    handingOn = true;
    try {
      downstream.content(piece);
    } finally {
      handingOn = false;
    }
  }

  /// The client's connection, where content goes on to it as it is, unseen; null where it does not.
  @Nullable Channel passage() {
    boolean unseen = encoded == null && translated == null && sample == null;
    return unseen && (call == null || !call.isFollowed()) ? downstream.passage() : null;
  }

  /// Passes a piece on that comes by [#passage], and owns it.
  void came(PipedBytes piece) {
    record.responseBytes += piece.count();
    handingOn = true;
    try {
      downstream.content(piece);
    } finally {
      handingOn = false;
    }
  }

  /// Passes on what was held back.
  void flush() {
    if (encoded != null) {
      handOn(encoded.flush());
    } else if (translated != null) {
      handOn(translated.flush());
    }
  }

  /// Whether the content may end after what came.
  boolean mayEnd() {
    return translated == null || translated.isBetweenMessages();
  }

  /// Passes on what ends the content.
  ///
  /// @return the trailers that are left for the client's protocol to carry
  @Nullable FieldSection end(@Nullable FieldSection trailers) {
    if (encoded != null) {
      handOn(encoded.finish());
    } else if (translated != null) {
      handOn(translated.end(trailers));
      return null;
    }
    return trailers;
  }

  /// Whether how a call ended can be told though its answer has begun.
  boolean mayTell() {
    return translated != null ? translated.isBetweenMessages() : call != null && call.mayEnd();
  }

  /// Ends an answer by what the gateway says of its failure, where [#mayTell].
  ///
  /// @return the trailers that are left for the client's protocol to carry
  @Nullable FieldSection tell(LocalReply why) {
    if (translated == null) {
      return GrpcStatus.trailers(why);
    }
    handOn(translated.end(GrpcWebBridge.trailers(why)));
    return null;
  }

  /// Gives back what it holds.
  void close() {
    if (encoded != null) {
      encoded.close();
    }
    if (translated != null) {
      translated.close();
    }
  }
}
