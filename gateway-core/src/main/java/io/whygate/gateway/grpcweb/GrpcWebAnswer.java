package io.whygate.gateway.grpcweb;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.whygate.gateway.grpc.MessageWalk;
import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.ResponseHead;
import org.jspecify.annotations.Nullable;

/// A gRPC server's answer on its way to a gRPC-Web client: messages as they come, then the trailers
/// as one more; as base64 where the client wants text. Confined to its event loop.
public final class GrpcWebAnswer {
  private final ResponseHead head;
  private @Nullable TrailerMessage trailersInHead;
  private final @Nullable Base64Encoder text;
  private final MessageWalk walk = new MessageWalk();

  private GrpcWebAnswer(
      ResponseHead head, @Nullable TrailerMessage trailersInHead, @Nullable Base64Encoder text) {
    this.head = head;
    this.trailersInHead = trailersInHead;
    this.text = text;
  }

  /// An answer by its head; null where it is not gRPC's, and is to be passed on as it is.
  static @Nullable GrpcWebAnswer of(ResponseHead head, boolean isText) {
    FieldSection fields = head.fields();
    String encoding = GrpcWebType.encodingOfGrpc(fields.first(FieldName.CONTENT_TYPE));
    if (head.status() != 200 || encoding == null) {
      return null;
    }
    boolean isTrailers = head.framing() == Framing.NONE && fields.first("grpc-status") != null;
    return new GrpcWebAnswer(
        TranslatedHeads.answer(head, GrpcWebType.ofAnswer(isText, encoding), isTrailers),
        isTrailers ? new TrailerMessage().add(fields) : null,
        isText ? new Base64Encoder() : null);
  }

  /// The head that the client is to see.
  public ResponseHead head() {
    return head;
  }

  /// Takes a piece of content, and owns it.
  ///
  /// @return what is to be sent of it, possibly nothing, the caller's; null where there are no
  ///   messages in it
  public @Nullable ByteBuf take(ByteBuf piece) {
    if (!walk.follow(piece)) {
      piece.release();
      return null;
    }
    return encoded(piece);
  }

  private ByteBuf encoded(ByteBuf piece) {
    if (text == null) {
      return piece;
    }
    try {
      return text.encode(piece);
    } finally {
      piece.release();
    }
  }

  /// What was held back, possibly nothing; the caller's.
  public ByteBuf flush() {
    if (text == null || !text.isHolding()) {
      return Unpooled.EMPTY_BUFFER;
    }
    ByteBuf out = ByteBufAllocator.DEFAULT.buffer(4);
    text.flush(out);
    return out;
  }

  /// Whether all messages that began have ended, so that the trailers may follow.
  public boolean isBetweenMessages() {
    return walk.isBetweenMessages();
  }

  /// The end of the content, possibly nothing where the server gave no trailers; the caller's.
  public ByteBuf end(@Nullable FieldSection trailers) {
    TrailerMessage last =
        trailersInHead != null || trailers == null
            ? trailersInHead
            : new TrailerMessage().add(trailers);
    trailersInHead = null;
    return last == null ? flush() : end(last.end());
  }

  /// The end of the content by a message of trailers, which it owns; the caller's.
  public ByteBuf end(ByteBuf message) {
    ByteBuf out = encoded(message);
    if (text != null) {
      text.flush(out);
    }
    return out;
  }

  /// Gives back what was not sent.
  public void close() {
    if (trailersInHead != null) {
      trailersInHead.end().release();
      trailersInHead = null;
    }
  }
}
