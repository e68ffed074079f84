package io.whygate.gateway.listener.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.exchange.Exchange;
import io.whygate.gateway.exchange.ForwardedFields;
import io.whygate.gateway.exchange.Peer;
import io.whygate.gateway.http.Deadlines;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.http2.ErrorCode;
import io.whygate.gateway.http2.FrameReader;
import io.whygate.gateway.http2.Frames;
import io.whygate.gateway.http2.HpackEncoder;
import io.whygate.gateway.listener.client.Abuse;
import io.whygate.gateway.listener.client.ConnectionErrors;
import io.whygate.gateway.listener.client.Departure;
import io.whygate.gateway.listener.client.Drain;
import io.whygate.gateway.listener.client.Floods;
import io.whygate.gateway.listener.client.LeastRate;
import io.whygate.gateway.listener.client.ListenerLoop;
import io.whygate.gateway.listener.client.Priority;
import io.whygate.gateway.listener.client.RequestFields;
import io.whygate.gateway.transport.Transport;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A client's connection that speaks HTTP/2: its streams, its windows, its life from the preface to
/// GOAWAY. What frames mean is said by [FrameRules].
///
/// Confined to its event loop.
public final class Http2Connection extends ChannelInboundHandlerAdapter {
  private static final int SPARE_HEADS = 32;

  /// Requests that begin in one round of the event loop; others have their turn before more do.
  private static final int BEGUN_A_ROUND = 16;

  private static final long LAST_CALL_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long LINGER_NANOS = Duration.ofSeconds(2).toNanos();
  private static final long LAST_CALL = 0x5768796761746521L;

  private final ListenerLoop loop;
  private final Channel channel;
  private final Peer peer;
  private final ForwardedFields forwarded;
  private final Floods floods;
  private final Outbound outbound;
  private final HpackEncoder encoder = new HpackEncoder();
  private final ResponseBlocks blocks;
  private final FrameReader reader;
  private final Departure departure;
  private final Deadlines.Deadline deadline;
  private final Deadlines.Deadline lastCall;

  private final IntObjectMap<Http2Stream> streams = new IntObjectHashMap<>();
  private final ClosedStreams closedStreams = new ClosedStreams();
  private final ArrayDeque<RequestHead> spareHeads = new ArrayDeque<>(2);
  private final List<Http2Stream> touched = new ArrayList<>(4);
  private final ArrayDeque<Http2Stream> unbegun = new ArrayDeque<>(4);

  private @Nullable ByteBuf pending;
  private boolean reading;
  private boolean prefaceRead;
  private boolean settled;
  private boolean blockOpen;
  private boolean roundPending;
  private int receiveWindow;
  private long arrived;
  private int awaitedBodies;
  private int taken;
  private int initialWindow = Frames.DEFAULT_WINDOW;
  private int lastStream;
  private Leaving leaving = Leaving.NO;

  private enum Leaving {
    NO,
    /// The client was told that the connection will end; its requests are still taken.
    TOLD,
    /// Requests after the last one that was named are not taken.
    NO_MORE_STREAMS,
    /// Nothing goes on any more; what was written goes out.
    GONE
  }

  public Http2Connection(ListenerLoop loop, Channel channel, Peer peer) {
    this.loop = loop;
    this.channel = channel;
    this.peer = peer;
    ListenerSettings settings = loop.settings();
    this.forwarded =
        new ForwardedFields(peer, settings.trustedProxies(), loop.services().identity(), "2.0");
    this.floods = new Floods(settings, loop.counts());
    LeastRate taking = loop.sendRate(() -> Transport.acknowledged(channel), this::takesTooSlowly);
    this.outbound = new Outbound(channel, floods, peer.secure(), taking);
    this.blocks = new ResponseBlocks(encoder, loop.ownFields());
    this.reader =
        new FrameReader(settings.http2().frameSize(), new FrameRules(this, loop.limits()));
    this.departure = new Departure(channel);
    this.deadline = loop.services().deadlines().add(this::expired);
    this.lastCall = loop.services().deadlines().add(this::takeNoMore);
    this.receiveWindow = settings.http2().connectionWindow();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    channel.config().setAutoClose(false);
    loop.counts().http2Began();
    ListenerSettings.Http2 settings = settings().http2();
    ByteBuf out = outbound.out();
    Frames.head(out, 36, Frames.SETTINGS, 0, 0);
    Frames.setting(out, Frames.SETTING_MAX_CONCURRENT_STREAMS, settings.maxStreams());
    Frames.setting(out, Frames.SETTING_INITIAL_WINDOW_SIZE, settings.streamWindow());
    Frames.setting(out, Frames.SETTING_MAX_FRAME_SIZE, settings.frameSize());
    Frames.setting(
        out, Frames.SETTING_MAX_HEADER_LIST_SIZE, RequestFields.maxListSize(loop.limits()));
    Frames.setting(out, Frames.SETTING_ENABLE_CONNECT_PROTOCOL, 1);
    Frames.setting(out, Frames.SETTING_NO_RFC7540_PRIORITIES, 1);
    int more = settings.connectionWindow() - Frames.DEFAULT_WINDOW;
    if (more > 0) {
      Frames.windowUpdate(out, 0, more);
    }
    outbound.wrote();
    deadline.in(settings().timeouts().header().toNanos());
    if (loop.isDraining()) {
      drain();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    ByteBuf all =
        pending == null
            ? in
            : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), pending, in);
    pending = null;
    reading = true;
    try {
      if (prefaceRead || readPreface(all)) {
        reader.read(all);
      }
    } catch (RuntimeException | Error e) {
      ConnectionErrors.note(e);
      fail(ErrorCode.INTERNAL_ERROR, "the gateway made an error of its own");
    } finally {
      reading = false;
      if (all.isReadable() && leaving != Leaving.GONE) {
        pending = all;
      } else {
        all.release();
      }
    }
  }

  private boolean readPreface(ByteBuf in) {
    int matched = Frames.matchPreface(in);
    if (matched < 0) {
      fail(ErrorCode.PROTOCOL_ERROR, "no connection preface");
    }
    prefaceRead = matched == Frames.prefaceLength();
    if (prefaceRead) {
      in.skipBytes(matched);
    }
    return prefaceRead;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    beginSome();
    for (int i = 0; i < touched.size(); i++) {
      readCompleted(touched.get(i));
    }
    touched.clear();
  }

  /// A request is whole as far as its head goes. It begins once all that came with it is read: one
  /// that was reset in the same breath costs no more than its frames (CVE-2023-44487).
  void begins(Http2Stream stream) {
    unbegun.addLast(stream);
  }

  private void beginSome() {
    for (int i = 0; i < BEGUN_A_ROUND && !unbegun.isEmpty(); i++) {
      unbegun.removeFirst().begin();
    }
    if (!unbegun.isEmpty() && !roundPending) {
      roundPending = true;
      channel.eventLoop().schedule(this::nextRound, 0, TimeUnit.NANOSECONDS);
    }
  }

  private void nextRound() {
    roundPending = false;
    beginSome();
  }

  /// Content of a stream was handed on during this read.
  void touched(Http2Stream stream) {
    if (!touched.contains(stream)) {
      touched.add(stream);
    }
  }

  /// All that was ready of a stream's content was handed on.
  void readCompleted(Http2Stream stream) {
    Exchange exchange = stream.exchange();
    if (exchange != null) {
      exchange.requestReadComplete();
    }
  }

  /// The client's SETTINGS came for the first time.
  void settled() {
    if (!settled) {
      settled = true;
      await();
    }
  }

  boolean isSettled() {
    return settled;
  }

  /// A field block began or ended: it has to be whole in the time for a head.
  void blockOpen(boolean open) {
    blockOpen = open;
    await();
  }

  /// Sets the time for what the client has to do next.
  private void await() {
    ListenerSettings.Timeouts timeouts = settings().timeouts();
    if (leaving == Leaving.GONE) {
      deadline.in(departure.isUnderWay() ? timeouts.send().toNanos() : LINGER_NANOS);
    } else if (!channel.isWritable()) {
      deadline.in(timeouts.send().toNanos());
    } else if (!settled || blockOpen) {
      deadline.in(timeouts.header().toNanos());
    } else if (streams.isEmpty()) {
      deadline.in(timeouts.idle().toNanos());
    } else {
      deadline.clear();
    }
  }

  private void expired() {
    if (leaving == Leaving.GONE) {
      departure.abort(false);
    } else if (!channel.isWritable()) {
      floods.note(Abuse.STALLS);
      drop();
    } else if (blockOpen || !settled) {
      floods.note(Abuse.SLOW);
      fail(ErrorCode.ENHANCE_YOUR_CALM, "too slow");
    } else if (streams.isEmpty()) {
      goAway(lastStream, ErrorCode.NO_ERROR, "");
      leave();
    }
  }

  /// A stream by its number; null where none is open.
  @Nullable Http2Stream stream(int id) {
    return streams.get(id);
  }

  /// How many streams are open.
  int streams() {
    return streams.size();
  }

  /// The highest number of a stream that the client opened.
  int lastStream() {
    return lastStream;
  }

  ClosedStreams closedStreams() {
    return closedStreams;
  }

  /// The client used a number for a stream.
  void used(int id) {
    lastStream = id;
  }

  /// Whether streams that the client opens from now on are neither served nor answered.
  boolean takesNoStreams() {
    return leaving.compareTo(Leaving.NO_MORE_STREAMS) >= 0;
  }

  /// A head for the next request.
  RequestHead newHead() {
    RequestHead spare = spareHeads.poll();
    return spare == null ? new RequestHead(loop.limits()) : spare;
  }

  /// Opens a stream.
  Http2Stream open(int id, RequestHead head, Priority priority) {
    if (streams.isEmpty()) {
      deadline.clear();
    }
    Http2Stream stream = new Http2Stream(this, id, head, priority, initialWindow);
    streams.put(id, stream);
    floods.requested();
    return stream;
  }

  /// A stream's answer is written whole.
  ///
  /// @param whole whether its request is so too
  void answered(Http2Stream stream, boolean whole) {
    if (!whole && leaving != Leaving.GONE) {
      Frames.reset(outbound.out(), stream.id(), ErrorCode.NO_ERROR);
      outbound.wrote();
    }
    if (!stream.isBrokenOff()) {
      floods.answered();
    }
    forget(stream, whole ? ClosedStreams.How.ENDED : ClosedStreams.How.RESET_HERE);
    if (spareHeads.size() < SPARE_HEADS) {
      RequestHead head = stream.request();
      head.reset();
      spareHeads.push(head);
    }
  }

  private void forget(Http2Stream stream, ClosedStreams.How how) {
    outbound.remove(stream);
    streams.remove(stream.id());
    closedStreams.add(stream.id(), how);
    if (streams.isEmpty()) {
      if (leaving == Leaving.NO_MORE_STREAMS) {
        leave();
      } else {
        await();
      }
    }
  }

  /// Ends a stream for a reason that the client is told.
  void reset(Http2Stream stream, ErrorCode why) {
    reset(stream.id(), why);
    forget(stream, ClosedStreams.How.RESET_HERE);
    stream.cancel();
  }

  /// Tells the client that a stream is closed.
  void reset(int id, ErrorCode why) {
    if (leaving != Leaving.GONE) {
      Frames.reset(outbound.out(), id, why);
      outbound.wrote();
    }
  }

  /// The client ended a stream.
  void cancelled(Http2Stream stream) {
    forget(stream, ClosedStreams.How.RESET_BY_CLIENT);
    stream.cancel();
  }

  /// Takes bytes of DATA from the connection's window; false where they are too many.
  boolean received(int bytes) {
    receiveWindow -= bytes;
    arrived += bytes;
    floods.received();
    return receiveWindow >= 0;
  }

  /// Bytes of DATA that came.
  long arrived() {
    return arrived;
  }

  /// Whether the client may send no DATA until the gateway is done with what it has.
  boolean isFull() {
    return receiveWindow <= 0;
  }

  /// One stream more, or one less, waits for content.
  void awaitsBody(boolean awaits) {
    awaitedBodies += awaits ? 1 : -1;
  }

  /// Streams that wait for content, at least 1.
  int awaitedBodies() {
    return Math.max(1, awaitedBodies);
  }

  /// The client keeps answers waiting for the connection's window, or for the socket.
  private void takesTooSlowly() {
    if (leaving == Leaving.GONE) {
      return;
    }
    floods.note(Abuse.SEND_RATE);
    if (channel.isWritable()) {
      fail(ErrorCode.ENHANCE_YOUR_CALM, "too slow");
    } else {
      drop();
    }
  }

  /// So many bytes of DATA are dealt with: the client may send as many again.
  void credit(int bytes) {
    taken += bytes;
    if (taken * 2L >= settings().http2().connectionWindow() && leaving != Leaving.GONE) {
      receiveWindow += taken;
      widen(0, taken);
      taken = 0;
    }
  }

  /// Opens the window of a stream, or of the connection.
  void widen(int id, int bytes) {
    if (leaving != Leaving.GONE) {
      Frames.windowUpdate(outbound.out(), id, bytes);
      outbound.wrote();
    }
  }

  /// The client changed the window that streams begin with; false where one overflows.
  boolean initialWindow(int size) {
    long change = (long) size - initialWindow;
    initialWindow = size;
    for (Http2Stream each : List.copyOf(streams.values())) {
      if (!each.widen(change)) {
        return false;
      }
    }
    return true;
  }

  private void goAway(int last, ErrorCode why, String detail) {
    Frames.goAway(outbound.out(), last, why, detail);
    outbound.wrote();
  }

  /// Ends the connection for what the client did, or the gateway.
  void fail(ErrorCode why, String detail) {
    if (leaving == Leaving.GONE) {
      return;
    }
    goAway(lastStream, why, detail);
    leave();
  }

  /// Takes one of a kind from its budget; without one the connection is over.
  boolean spend(Abuse kind) {
    if (floods.allows(kind)) {
      return true;
    }
    fail(ErrorCode.ENHANCE_YOUR_CALM, kind.label());
    return false;
  }

  /// Ends the gateway's direction once what was written has gone out. What still comes, such as
  /// windows for the last answer, is thrown away for a while, lest a reset destroy that answer.
  private void leave() {
    gone();
    channel.config().setAutoRead(true);
    departure.linger();
    await();
  }

  /// Nothing goes on from here.
  private void gone() {
    reader.stop();
    outbound.flush();
    leaving = Leaving.GONE;
    cancelAll();
  }

  private void cancelAll() {
    List<Http2Stream> open = List.copyOf(streams.values());
    streams.clear();
    for (Http2Stream each : open) {
      outbound.remove(each);
      each.cancel();
    }
  }

  /// Gives the client up.
  private void drop() {
    leaving = Leaving.GONE;
    reader.stop();
    try {
      cancelAll();
    } finally {
      departure.abort(true);
    }
  }

  /// Tells the client that the connection is about to end, and takes what is under way to it for a
  /// round trip (RFC 9113 section 6.8).
  private void drain() {
    if (leaving != Leaving.NO) {
      return;
    }
    leaving = Leaving.TOLD;
    goAway(Integer.MAX_VALUE, ErrorCode.NO_ERROR, "");
    Frames.ping(outbound.out(), false, LAST_CALL);
    outbound.wrote();
    lastCall.in(LAST_CALL_NANOS);
    for (Http2Stream each : List.copyOf(streams.values())) {
      Exchange exchange = each.exchange();
      if (exchange != null) {
        exchange.drain();
      }
    }
  }

  /// The client answered a PING.
  void pinged(long opaque) {
    if (opaque == LAST_CALL) {
      takeNoMore();
    }
  }

  private void takeNoMore() {
    if (leaving == Leaving.TOLD) {
      lastCall.clear();
      leaving = Leaving.NO_MORE_STREAMS;
      goAway(lastStream, ErrorCode.NO_ERROR, "");
      if (streams.isEmpty()) {
        leave();
      }
    }
  }

  /// The client is about to leave: the connection ends with its last stream.
  void clientLeaves() {
    if (leaving.compareTo(Leaving.NO_MORE_STREAMS) < 0) {
      leaving = Leaving.NO_MORE_STREAMS;
      if (streams.isEmpty()) {
        leave();
      }
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    boolean writable = channel.isWritable();
    if (leaving != Leaving.GONE) {
      channel.config().setAutoRead(writable);
    }
    await();
    if (writable) {
      outbound.wrote();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE || event instanceof SslCloseCompletionEvent) {
      if (leaving != Leaving.GONE) {
        gone();
      }
      departure.close();
    } else if (event == Drain.EVENT) {
      drain();
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    loop.counts().http2Ended();
    deadline.close();
    lastCall.close();
    leaving = Leaving.GONE;
    reader.stop();
    cancelAll();
    outbound.close();
    if (pending != null && !reading) {
      pending.release();
      pending = null;
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ConnectionErrors.note(cause);
    drop();
  }

  Exchange newExchange(Http2Stream stream) {
    return new Exchange(loop.services(), stream, stream.request());
  }

  Deadlines.Deadline deadline(Runnable whenOver) {
    return loop.services().deadlines().add(whenOver);
  }

  ListenerLoop loop() {
    return loop;
  }

  ListenerSettings settings() {
    return loop.settings();
  }

  Channel channel() {
    return channel;
  }

  Outbound outbound() {
    return outbound;
  }

  ResponseBlocks blocks() {
    return blocks;
  }

  HpackEncoder encoder() {
    return encoder;
  }

  Floods floods() {
    return floods;
  }

  ForwardedFields forwarded() {
    return forwarded;
  }

  String listener() {
    return loop.name();
  }

  Peer peer() {
    return peer;
  }
}
