package io.whygate.gateway.connection;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.transport.PipedBytes;
import org.jspecify.annotations.Nullable;

/// Who takes the answer: the attempt that sent the request. After [#responseEnd] or
/// [#responseFailed] nothing more is called.
public interface ResponseReceiver {
  /// An interim answer, other than 101.
  void informational(ResponseHead head);

  /// The head of the final answer. The head is valid until the end of the answer.
  void responseHead(ResponseHead head);

  /// A piece of content, which the receiver owns.
  void responseContent(ByteBuf piece);

  /// The client's connection, where content may go on to it as it is, unseen; null where it may
  /// not.
  default @Nullable Channel passage() {
    return null;
  }

  /// A piece of content that comes by [#passage], which the receiver owns.
  default void responseContent(PipedBytes piece) {
    piece.release();
    throw new UnsupportedOperationException("no passage");
  }

  /// The answer is whole, and the stream still tells of it: the next call is [#responseEnd], during
  /// which its connection may carry another exchange already.
  void responseRead();

  /// The answer is over, and the connection given back or closed.
  ///
  /// @param trailers null where there are none; valid during the call
  void responseEnd(@Nullable FieldSection trailers);

  /// The answer will not come, or not whole. The stream and its connection are still open for
  /// questions during the call.
  void responseFailed(AttemptFailure failure);

  /// The server switched protocols as it was asked to: bytes go both ways from now on, by
  /// [#responseContent] and [UpstreamStream#send].
  void switched(ResponseHead head);

  /// The server said something in a tunnel that is not for HTTP, and that does not refuse it.
  default void tunnelAnswered() {}

  /// The server ended its direction of a tunnel; its other direction may go on.
  void tunnelInputEnded();

  /// All that was ready has been read: the moment to flush.
  void readComplete();

  /// Whether content can be written changed.
  void writabilityChanged(boolean writable);
}
