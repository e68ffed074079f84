package io.whygate.gateway.listener;

import io.netty.buffer.ByteBuf;
import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.http.ContentReader;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.HeadLimits;
import io.whygate.gateway.http.MessageHead;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.http.RequestProblem;
import io.whygate.gateway.reply.LocalReply;
import org.jspecify.annotations.Nullable;

/// Reads one request after the other from the bytes of a client's connection, within the listener's
/// limits.
///
/// Acts on nothing: each call reads one thing and says what it was. Confined to the event loop of
/// its connection.
final class RequestReader {
  private final RequestHead head;
  private final ContentReader content;
  private final ContentReader.Sink sink;
  private final long bodyLimit;
  private @Nullable LocalReply refusal;

  /// What was read.
  enum Found {
    /// Nothing whole: more bytes are needed.
    MORE,
    /// A head, or content, to its end.
    WHOLE,
    /// What breaks a rule or a limit; [#refusal] says which.
    REFUSED
  }

  /// @param limits of heads
  /// @param more limits, those of content among them
  /// @param sink takes the pieces of content
  RequestReader(HeadLimits limits, ListenerSettings.Limits more, ContentReader.Sink sink) {
    this.head = new RequestHead(limits);
    this.content = new ContentReader(limits, more.smallPieces());
    this.bodyLimit = more.body();
    this.sink = sink;
  }

  RequestHead head() {
    return head;
  }

  /// The answer to a request that breaks a rule or a limit.
  LocalReply refusal() {
    LocalReply found = refusal;
    if (found == null) {
      throw new AssertionError("no refusal of a request that is good so far");
    }
    return found;
  }

  /// Reads a head.
  Found readHead(ByteBuf in) {
    MessageHead.Progress progress = head.read(in);
    if (progress == MessageHead.Progress.MORE) {
      return Found.MORE;
    }
    if (progress == MessageHead.Progress.BAD) {
      RequestProblem problem = head.problem();
      return refused(LocalReply.text(problem.status(), problem.detail() + ".", true));
    }
    if (bodyLimit >= 0 && head.contentLength() > bodyLimit) {
      return refused(tooLarge());
    }
    content.begin(head.framing(), head.contentLength());
    return Found.WHOLE;
  }

  /// Reads content: hands its pieces to the sink.
  Found readContent(ByteBuf in) {
    ContentReader.Progress progress = content.read(in, sink);
    if (progress == ContentReader.Progress.BAD) {
      return refused(LocalReply.text(400, content.problem() + ".", true));
    }
    if (bodyLimit >= 0 && content.total() > bodyLimit) {
      return refused(tooLarge());
    }
    return progress == ContentReader.Progress.DONE ? Found.WHOLE : Found.MORE;
  }

  /// Reads content that nobody wants.
  ContentReader.Progress discard(ByteBuf in) {
    return content.read(in, ByteBuf::release);
  }

  /// Whether content was refused because it came in too many small chunks.
  boolean isOfSmallPieces() {
    return content.problemIsSmallPieces();
  }

  /// Content that came, bytes.
  long contentRead() {
    return content.total();
  }

  /// Whether no content came yet.
  boolean isUntouched() {
    return content.total() == 0;
  }

  @Nullable FieldSection trailers() {
    return content.trailers();
  }

  private Found refused(LocalReply by) {
    refusal = by;
    return Found.REFUSED;
  }

  private LocalReply tooLarge() {
    return LocalReply.text(
        413, "the content of a request may have " + bodyLimit + " bytes at the most.", true);
  }
}
