package io.whygate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.ResponseProblem;
import io.whygate.gateway.compression.Compression;
import io.whygate.gateway.compression.EncodedContent;
import io.whygate.gateway.grpcweb.GrpcWebAnswer;
import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.reply.LocalReply;
import io.whygate.gateway.transport.PipedBytes;
import io.whygate.gateway.upstream.Upstream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An answer on its way to the client: its head, its content as it comes, compressed, or made
/// gRPC-Web. No more of it is read than the client takes.
///
/// Confined to its event loop.
final class Answer {
  private static final Logger LOG = LoggerFactory.getLogger(Answer.class);

  /// How a try failed whose answer broke off by itself.
  private static final AttemptFailure UNMADE =
      new AttemptFailure.MalformedResponse(
          Phase.READ_RESPONSE,
          ResponseProblem.CUT_SHORT,
          "an answer that is not made of gRPC messages",
          -1,
          -1);

  private final Exchange exchange;
  private final RequestHead request;
  private final Downstream downstream;
  private final ExchangeRecord record;

  private @Nullable Compression compression;
  private @Nullable GrpcWebBridge bridge;
  private @Nullable GrpcCall call;
  private @Nullable EncodedContent encoded;
  private @Nullable GrpcWebAnswer translated;
  private @Nullable PageSample sample;
  private boolean begun;
  private boolean isGood;

  /// While a piece of the answer is written: whether the client takes it is known once it is
  /// flushed. To pause before that, and resume after, costs two system calls for each piece.
  private boolean handingOn;

  Answer(Exchange exchange, ExchangeRecord record) {
    this.exchange = exchange;
    this.request = exchange.request();
    this.downstream = exchange.downstream();
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

  /// Notes that one begins, of a server's or the gateway's own.
  void begins(int status) {
    begun = true;
    record.status = status;
  }

  /// Whether one has begun.
  boolean hasBegun() {
    return begun;
  }

  /// Whether a piece is being written.
  boolean isHandingOn() {
    return handingOn;
  }

  /// Passes an interim answer on.
  void interim(ResponseHead head) {
    if (head.status() != 100 || request.expectsContinue()) {
      downstream.informational(head);
      downstream.flush();
    }
  }

  /// Passes the head of a sound answer on, and takes note of it.
  void passSound(Attempt from, ResponseHead head) {
    passOwn(head);
    Upstream upstream = exchange.upstream();
    upstream.succeeded(from.endpoint());
    Explainer explainer = exchange.services().explainer();
    if (!explainer.wantsAnswers(upstream) && explainer.sample(from, request, head)) {
      sample = new PageSample(explainer, from, head.fields().first(FieldName.SERVER));
    }
  }

  /// Passes the head of an answer on that is the site's own affair.
  void passOwn(ResponseHead head) {
    isGood = true;
    pass(head, HeadEdit.NONE);
  }

  /// Passes the head of an answer on.
  void pass(ResponseHead head, HeadEdit edit) {
    begins(downstream.statusOf(head));
    exchange.content().forget();
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

  /// A piece of content came; owns it.
  void content(Attempt from, ByteBuf piece) {
    if (exchange.isOver()) {
      piece.release();
      return;
    }
    try {
      if (!passes(piece)) {
        cutOff(from);
        return;
      }
    } catch (RuntimeException | Error e) {
      exchange.broke(e);
      return;
    }
    regulate(from);
  }

  /// Passes a piece on, and owns it.
  ///
  /// @return false where the client cannot be sent it: the answer is not what its head said
  private boolean passes(ByteBuf piece) {
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
    return !exchange.isOver() && unseen && (call == null || !call.isFollowed())
        ? downstream.passage()
        : null;
  }

  /// A piece of content came by [#passage]; owns it.
  void content(Attempt from, PipedBytes piece) {
    if (exchange.isOver()) {
      piece.release();
      return;
    }
    try {
      handOn(piece);
    } catch (RuntimeException | Error e) {
      exchange.broke(e);
      return;
    }
    regulate(from);
  }

  private void handOn(PipedBytes piece) {
    record.responseBytes += piece.count();
    handingOn = true;
    try {
      downstream.content(piece);
    } finally {
      handingOn = false;
    }
  }

  /// Reads no more of an answer than its client takes.
  private void regulate(Attempt from) {
    if (!downstream.isWritable()) {
      downstream.flush();
      if (!downstream.isWritable()) {
        from.pause();
      }
    }
  }

  /// All of it that was ready has been read: the moment to flush.
  void readComplete() {
    if (!exchange.isOver()) {
      flush();
    }
    downstream.flush();
  }

  /// Passes on what was held back.
  private void flush() {
    if (encoded != null) {
      handOn(encoded.flush());
    } else if (translated != null) {
      handOn(translated.flush());
    }
  }

  /// It has been read whole; the connection is about to be another's.
  void read(Attempt from) {
    record.attempted(from.facts().record(mayEnd() ? Optional.empty() : Optional.of(UNMADE)));
    if (isGood) {
      served(from);
    }
  }

  /// Has it noted that a server served what it was asked for.
  void served(Attempt by) {
    Explainer explainer = exchange.services().explainer();
    if (explainer.wantsAnswers(exchange.upstream())) {
      explainer.answered(
          exchange.upstream(), by, request, downstream.forwarded(), record.requestBytes);
    }
  }

  /// It is over, and ends its exchange.
  void end(Attempt from, @Nullable FieldSection trailers) {
    if (!mayEnd()) {
      cutOff(from);
      return;
    }
    FieldSection left = finish(trailers);
    exchange.finish(FinishedExchange.Outcome.COMPLETED);
    downstream.end(left);
  }

  /// It is not what its head said, and cannot be passed off as whole.
  private void cutOff(Attempt from) {
    LOG.warn("{} gave an answer that is not made of gRPC messages", record.upstream());
    if (from.abandon()) {
      record.attempted(from.facts().record(Optional.of(UNMADE)));
    }
    exchange.finish(FinishedExchange.Outcome.TRUNCATED);
    downstream.abort();
  }

  /// Whether the content may end after what came.
  private boolean mayEnd() {
    return translated == null || translated.isBetweenMessages();
  }

  /// Passes on what ends the content.
  ///
  /// @return the trailers that are left for the client's protocol to carry
  private @Nullable FieldSection finish(@Nullable FieldSection trailers) {
    if (encoded != null) {
      handOn(encoded.finish());
    } else if (translated != null) {
      handOn(translated.end(trailers));
      return null;
    }
    return trailers;
  }

  /// Whether it has begun, and how its call ended can be told nevertheless.
  boolean mayTell() {
    if (!begun) {
      return false;
    }
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
