package io.whygate.gateway.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.exchange.Exchange;
import io.whygate.gateway.exchange.Peer;
import io.whygate.gateway.http.ContentReader;
import io.whygate.gateway.http.Deadlines;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.listener.client.Abuse;
import io.whygate.gateway.listener.client.ConnectionErrors;
import io.whygate.gateway.listener.client.Departure;
import io.whygate.gateway.listener.client.Drain;
import io.whygate.gateway.listener.client.ListenerLoop;
import io.whygate.gateway.reply.LocalReply;
import io.whygate.gateway.transport.Round;
import org.jspecify.annotations.Nullable;

/// A client's connection that speaks HTTP/1: reads its requests one after the other; each is
/// answered in order, by [Http1Downstream].
///
/// Bytes that came and may not be read yet (a pipelined request, content that nobody demands) are
/// held up to a limit; beyond it reading from the client stops. Confined to its event loop.
final class Http1Connection extends ChannelInboundHandlerAdapter
    implements Http1Pace.Slowness, Round.Work {
  private final ListenerLoop loop;
  private final Channel channel;
  private final RequestReader reader;
  private final RequestHead request;
  private final Http1Downstream downstream;
  private final Deadlines.Deadline deadline;
  private final Departure departure;
  private final Http1Pace pace;
  private final Round round = Round.current();

  private State state = State.IDLE;
  private @Nullable Exchange exchange;
  private @Nullable ByteBuf pending;
  private boolean putOff;

  /// Whether nobody needs the head of the last request any more: its exchange was answered.
  private boolean settled;

  private boolean processing;
  private boolean demanded;
  private boolean inputEnded;
  private boolean tunnelEnded;
  private boolean broken;

  /// What the bytes that come next are.
  private enum State {
    /// The first byte of a request.
    IDLE,
    /// The rest of a head.
    HEAD,
    /// Content of the request.
    CONTENT,
    /// The request is whole; its answer is awaited.
    ANSWER,
    /// Content that nobody wants any more; the answer is given.
    DISCARD,
    /// Bytes of another protocol.
    TUNNEL,
    /// Nothing: the connection is on its way out.
    GONE
  }

  Http1Connection(ListenerLoop loop, Channel channel, Peer peer) {
    this.loop = loop;
    this.channel = channel;
    this.reader = new RequestReader(loop.limits(), loop.settings().limits(), this::contentRead);
    this.request = reader.head();
    this.downstream = new Http1Downstream(this, loop, channel, peer, request);
    this.deadline = loop.services().deadlines().add(this::expired);
    this.departure = new Departure(channel);
    this.pace = new Http1Pace(loop, channel, reader::contentRead, this);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    channel.config().setAutoClose(false);
    deadline.in(timeouts().idle().toNanos());
  }

  private ListenerSettings.Timeouts timeouts() {
    return loop.settings().timeouts();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    if (state == State.GONE) {
      in.release();
      return;
    }
    if (pending != null) {
      pending = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), pending, in);
    } else {
      pending = in;
      boolean begins = state == State.IDLE && in.readableBytes() <= Round.SMALL;
      if (begins && round.takes(this)) {
        putOff = true;
        return;
      }
    }
    putOff = false;
    process();
    regulate();
  }

  /// Reads a request whose first bytes were put off.
  @Override
  public void work() {
    if (putOff) {
      putOff = false;
      try {
        process();
        regulate();
        channelReadCompleted();
      } catch (RuntimeException | Error e) {
        failed(e);
      }
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    channelReadCompleted();
  }

  /// Reads what came as far as it may be read now.
  private void process() {
    if (processing) {
      return;
    }
    processing = true;
    try {
      while (pending != null && pending.isReadable() && step(pending)) {
        // The state says what the next bytes are.
      }
    } catch (RuntimeException | Error e) {
      broke(e);
    } finally {
      processing = false;
      if (pending != null && !pending.isReadable()) {
        pending.release();
        pending = null;
      }
    }
    if (inputEnded && pending == null) {
      allRead();
    }
  }

  /// The client sends no more, and all that it sent has been read.
  private void allRead() {
    switch (state) {
      case IDLE, HEAD, DISCARD -> leave();
      case TUNNEL -> {
        if (exchange != null && !tunnelEnded) {
          tunnelEnded = true;
          exchange.clientTunnelEnded();
        }
      }
      case CONTENT, ANSWER, GONE -> {}
    }
  }

  /// The gateway itself went wrong while it read a request.
  private void broke(Throwable error) {
    ConnectionErrors.note(error);
    Exchange current = exchange;
    downstream.close();
    broken = true;
    if (current == null || current.isOver()) {
      drop();
    } else {
      current.refuse(LocalReply.text(500, "the gateway made an error of its own.", true));
    }
  }

  /// Reads one thing; false where the next one may not be read yet.
  private boolean step(ByteBuf in) {
    return switch (state) {
      case IDLE -> begins();
      case HEAD -> readHead(in);
      case CONTENT -> demanded && readContent(in);
      case DISCARD -> discard(in);
      case TUNNEL -> demanded && readTunnel(in);
      case ANSWER -> false;
      case GONE -> {
        in.skipBytes(in.readableBytes());
        yield false;
      }
    };
  }

  /// A request begins, unless the client has answers to earlier ones still to take.
  private boolean begins() {
    if (!channel.isWritable()) {
      return false;
    }
    state = State.HEAD;
    deadline.in(timeouts().header().toNanos());
    return true;
  }

  private boolean readHead(ByteBuf in) {
    RequestReader.Found found = reader.readHead(in);
    if (found == RequestReader.Found.MORE) {
      return false;
    }
    boolean good = found == RequestReader.Found.WHOLE;
    downstream.begin(good && request.isPersistent() && !loop.isDraining());
    deadline.clear();
    if (!good) {
      refuse(reader.refusal());
      return false;
    }
    if (request.framing() == Framing.NONE) {
      state = State.ANSWER;
    } else {
      state = State.CONTENT;
      pace.bodyBegins();
    }
    demanded = false;
    settled = false;
    Exchange next = new Exchange(loop.services(), downstream, request);
    exchange = next;
    next.begin();
    return true;
  }

  /// Refuses what cannot be read as a request; there is no exchange.
  private void refuse(LocalReply refusal) {
    downstream.close();
    broken = true;
    state = State.ANSWER;
    Exchange refused = new Exchange(loop.services(), downstream, request);
    exchange = refused;
    refused.refuse(refusal);
  }

  private boolean readContent(ByteBuf in) {
    Exchange current = exchange;
    if (current == null) {
      throw new AssertionError("content without an exchange");
    }
    deadline.in(timeouts().body().toNanos());
    pace.awaitsBody(true);
    RequestReader.Found found = reader.readContent(in);
    if (found == RequestReader.Found.REFUSED) {
      noteSmallPieces();
      downstream.close();
      current.refuse(reader.refusal());
    } else if (found == RequestReader.Found.WHOLE && state == State.CONTENT) {
      state = State.ANSWER;
      deadline.clear();
      pace.awaitsBody(false);
      current.requestEnd(reader.trailers());
    } else if (found == RequestReader.Found.WHOLE && state == State.DISCARD) {
      return discarded();
    }
    return true;
  }

  private void noteSmallPieces() {
    if (reader.isOfSmallPieces()) {
      loop.counts().abused(Abuse.SMALL_PIECES);
    }
  }

  /// Hands a piece on; what comes after the answer is dropped.
  private void contentRead(ByteBuf piece) {
    Exchange current = exchange;
    if (current == null) {
      piece.release();
    } else {
      current.requestContent(piece);
    }
  }

  private boolean discard(ByteBuf in) {
    ContentReader.Progress progress = reader.discard(in);
    if (progress == ContentReader.Progress.MORE) {
      return false;
    }
    if (progress == ContentReader.Progress.BAD) {
      noteSmallPieces();
      leave();
      return false;
    }
    return discarded();
  }

  /// The rest of a request that had its answer before has been read.
  private boolean discarded() {
    if (!downstream.keeps() || loop.isDraining()) {
      leave();
      return false;
    }
    next();
    return true;
  }

  private boolean readTunnel(ByteBuf in) {
    deadline.in(timeouts().tunnel().toNanos());
    if (exchange != null) {
      exchange.tunnelContent(in.readRetainedSlice(in.readableBytes()));
    }
    return true;
  }

  /// Reads from the client unless enough is held already.
  private void regulate() {
    boolean wanted = pending == null || pending.readableBytes() < loop.settings().limits().buffer();
    if (state != State.GONE && channel.config().isAutoRead() != wanted) {
      channel.config().setAutoRead(wanted);
    }
  }

  /// Lets content of the request come, or stops it.
  void demand(boolean wanted) {
    if (demanded == wanted) {
      return;
    }
    demanded = wanted;
    if (state == State.CONTENT) {
      waitForContent();
    }
    if (wanted && pending != null && !processing) {
      process();
      channelReadCompleted();
      regulate();
    }
  }

  /// Sets the time for the next piece of content: it runs while the client is free to send one.
  private void waitForContent() {
    boolean awaits = demanded && !awaitsContinue();
    pace.awaitsBody(awaits);
    if (awaits) {
      deadline.in(timeouts().body().toNanos());
    } else {
      deadline.clear();
    }
  }

  private void channelReadCompleted() {
    if (exchange != null) {
      exchange.requestReadComplete();
    }
  }

  /// Whether the client holds its content back for a 100 that it never got: nobody knows whether
  /// the content will come.
  boolean awaitsContinue() {
    return state == State.CONTENT
        && request.expectsContinue()
        && !downstream.hasContinued()
        && reader.isUntouched();
  }

  /// The answer is written: what becomes of the connection depends on what is left of the request.
  void answered() {
    exchange = null;
    settled = true;
    boolean ended = inputEnded && (pending == null || !pending.isReadable());
    if (!downstream.keeps() || ended || loop.isDraining()) {
      leave();
      return;
    }
    round.flush(channel);
    if (state == State.CONTENT) {
      state = State.DISCARD;
      pace.awaitsBody(false);
      deadline.in(timeouts().body().toNanos());
    } else {
      next();
    }
    process();
    regulate();
  }

  private void next() {
    request.reset();
    state = State.IDLE;
    deadline.in(timeouts().idle().toNanos());
  }

  /// Closes once what was written has gone out; what still comes is thrown away for a while, lest a
  /// reset destroy the answer.
  private void leave() {
    boolean whole = state != State.CONTENT && !broken && request.framing() == Framing.NONE;
    boolean unread = pending != null && pending.isReadable();
    boolean tunnel = state == State.TUNNEL;
    state = State.GONE;
    channel.config().setAutoRead(true);
    if (tunnel || inputEnded || (whole && !unread)) {
      departure.close();
    } else {
      departure.linger();
    }
    waitForDeparture();
  }

  /// The time that the client has to take the rest, or to close.
  private void waitForDeparture() {
    deadline.in((departure.isUnderWay() ? timeouts().send() : timeouts().header()).toNanos());
  }

  /// Breaks the answer off.
  ///
  /// @param reset whether a plain close could be mistaken for the end of the answer
  void abort(boolean reset) {
    exchange = null;
    state = State.GONE;
    departure.abort(reset);
  }

  /// From now on bytes of another protocol go both ways.
  void switchProtocols() {
    state = State.TUNNEL;
    pace.awaitsBody(false);
    pace.awaitsTaking(false);
    deadline.in(timeouts().tunnel().toNanos());
  }

  /// Ends this direction of a tunnel.
  void endOutput() {
    departure.linger();
  }

  /// Bytes are about to be written that belong to an answer or a tunnel.
  void moves() {
    if (state == State.TUNNEL) {
      deadline.in(timeouts().tunnel().toNanos());
    }
  }

  /// The client has been told to send the content that it held back.
  void continues() {
    if (state == State.CONTENT) {
      waitForContent();
    }
  }

  private void expired() {
    Exchange current = exchange;
    switch (state) {
      case IDLE -> leave();
      case HEAD -> {
        loop.counts().abused(Abuse.SLOW);
        refuse(LocalReply.text(408, "the head of a request came too slowly.", true));
      }
      case CONTENT -> {
        if (channel.isWritable() && current != null) {
          refuseSlow(current, Abuse.SLOW);
        } else {
          stalls();
        }
      }
      case ANSWER -> stalls();
      case DISCARD, TUNNEL -> drop();
      case GONE -> departure.abort(departure.isUnderWay() && downstream.endsByClose());
    }
  }

  private void refuseSlow(Exchange current, Abuse how) {
    loop.counts().abused(how);
    downstream.close();
    current.refuse(LocalReply.text(408, "the content of a request came too slowly.", true));
  }

  @Override
  public void sendsTooSlowly() {
    Exchange current = exchange;
    if (state == State.CONTENT && current != null) {
      refuseSlow(current, Abuse.BODY_RATE);
    }
  }

  @Override
  public void takesTooSlowly() {
    loop.counts().abused(Abuse.SEND_RATE);
    if (state == State.GONE) {
      departure.abort(true);
    } else {
      drop();
    }
  }

  /// The client takes no more of an answer.
  private void stalls() {
    loop.counts().abused(Abuse.STALLS);
    drop();
  }

  /// Gives the client up.
  private void drop() {
    Exchange current = exchange;
    exchange = null;
    state = State.GONE;
    try {
      if (current != null) {
        current.clientGone();
      }
    } finally {
      departure.abort(true);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    boolean writable = channel.isWritable();
    pace.awaitsTaking(!writable && state != State.TUNNEL);
    if (!writable && state != State.TUNNEL) {
      deadline.in(timeouts().send().toNanos());
    } else {
      switch (state) {
        case ANSWER -> deadline.clear();
        case CONTENT -> waitForContent();
        case DISCARD -> deadline.in(timeouts().body().toNanos());
        case GONE -> waitForDeparture();
        case IDLE, HEAD, TUNNEL -> {}
      }
    }
    Exchange current = exchange;
    if (current != null) {
      current.downstreamWritable(writable);
    } else if (writable && state == State.IDLE) {
      process();
      regulate();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    work();
    if (event == ChannelInputShutdownEvent.INSTANCE || event instanceof SslCloseCompletionEvent) {
      inputEnded();
    } else if (event == Drain.EVENT) {
      drain();
    }
    ctx.fireUserEventTriggered(event);
  }

  private void drain() {
    Exchange current = exchange;
    if (current != null) {
      current.drain();
    } else if (state == State.IDLE) {
      leave();
    }
  }

  /// The client sends no more. Where it said that this request is its last, it may still read the
  /// answer (RFC 9112 section 9.6); else it is gone.
  private void inputEnded() {
    inputEnded = true;
    Exchange current = exchange;
    switch (state) {
      case ANSWER -> {
        if (current != null && request.isPersistent() && pending == null) {
          drop();
        }
      }
      case IDLE, HEAD, DISCARD, TUNNEL -> {
        if (pending == null) {
          allRead();
        }
      }
      case GONE -> leave();
      case CONTENT -> drop();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    work();
    deadline.close();
    pace.close();
    state = State.GONE;
    Exchange current = exchange;
    exchange = null;
    if (current != null) {
      current.clientGone();
    } else if (settled) {
      request.reset();
    }
    downstream.gone();
    if (pending != null) {
      pending.release();
      pending = null;
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    work();
    failed(cause);
  }

  private void failed(Throwable cause) {
    ConnectionErrors.note(cause);
    drop();
  }
}
