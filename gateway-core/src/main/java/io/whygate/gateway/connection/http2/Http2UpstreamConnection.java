package io.whygate.gateway.connection.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.Http2Errors;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.gateway.config.UpstreamSettings;
import io.whygate.gateway.connection.ConnectionOwner;
import io.whygate.gateway.connection.ConnectionSetup;
import io.whygate.gateway.connection.UpstreamConnection;
import io.whygate.gateway.connection.UpstreamStream;
import io.whygate.gateway.connection.dial.FailureClassifier;
import io.whygate.gateway.http.Deadlines;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.http2.ErrorCode;
import io.whygate.gateway.http2.FrameReader;
import io.whygate.gateway.http2.Frames;
import io.whygate.gateway.http2.HpackEncoder;
import io.whygate.gateway.upstream.EndpointState;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A connection to an endpoint that speaks HTTP/2: its streams, its windows, its life from the
/// preface to GOAWAY. What frames mean is said by [ServerFrames].
///
/// Confined to its event loop.
public final class Http2UpstreamConnection extends ChannelInboundHandlerAdapter
    implements UpstreamConnection {
  private static final Logger LOG = LoggerFactory.getLogger(Http2UpstreamConnection.class);
  private static final int SPARE_HEADS = 32;
  private static final long LAST_WORDS_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long ARE_YOU_THERE = 0x5768796761746521L;

  private final Channel channel;
  private final EndpointState endpoint;
  private final Optional<InetAddress> address;
  private final ConnectionOwner owner;
  private final ConnectionSetup setup;
  private final long establishedNanos = System.nanoTime();
  private final Outbound outbound;
  private final HpackEncoder encoder = new HpackEncoder();
  private final RequestBlocks blocks;
  private final ServerFrames frames;
  private final FrameReader reader;
  private final Deadlines.Deadline deadline;
  private final FirstBytes firstBytes = new FirstBytes();
  private final IntObjectMap<Http2UpstreamStream> streams = new IntObjectHashMap<>();
  private final ArrayDeque<ResponseHead> spareHeads = new ArrayDeque<>(2);
  private final List<Http2UpstreamStream> touched = new ArrayList<>(4);

  private @Nullable ByteBuf pending;
  private @Nullable Throwable refusal;
  private Life life = Life.OPEN;
  private boolean reading;
  private boolean judged;
  private boolean settled;
  private boolean tunnels;
  private boolean doubted;
  private boolean heard = true;
  private boolean lapsed;
  private boolean peerClosed;
  private boolean tlsClosed;
  private int allowed;
  private int receiveWindow;
  private int taken;
  private int initialWindow = Frames.DEFAULT_WINDOW;
  private int lastStream = -1;
  private long requests;
  private long silentNanos;
  private long idleSinceNanos = establishedNanos;

  private enum Life {
    OPEN,
    /// Exchanges that are under way end, and no other begins.
    LEAVING,
    GONE
  }

  /// @param known how many streams the server is known to allow, before it says so
  public Http2UpstreamConnection(
      Channel channel,
      EndpointState endpoint,
      Optional<InetAddress> address,
      ConnectionOwner owner,
      ConnectionSetup setup,
      int known) {
    this.channel = channel;
    this.endpoint = endpoint;
    this.address = address;
    this.owner = owner;
    this.setup = setup;
    boolean secure = endpoint.endpoint().isTls();
    this.allowed = known;
    this.outbound = new Outbound(channel, secure);
    this.blocks = new RequestBlocks(encoder, secure);
    UpstreamSettings.Http2 settings = setup.http2();
    frames = new ServerFrames(this, setup.limits(), settings.floods());
    this.reader = new FrameReader(Frames.MIN_MAX_FRAME_SIZE, frames);
    this.deadline = setup.deadlines().add(this::expired);
    this.receiveWindow = Math.max(settings.connectionWindow(), Frames.DEFAULT_WINDOW);
  }

  @Override
  public Channel channel() {
    return channel;
  }

  @Override
  public Optional<InetAddress> address() {
    return address;
  }

  @Override
  public long requests() {
    return requests;
  }

  @Override
  public long establishedNanos() {
    return establishedNanos;
  }

  @Override
  public long idleSinceNanos() {
    return streams.isEmpty() ? idleSinceNanos : System.nanoTime();
  }

  @Override
  public boolean isShared() {
    return true;
  }

  @Override
  public int capacity() {
    return Math.min(allowed, setup.http2().maxStreams());
  }

  @Override
  public int carried() {
    return streams.size();
  }

  @Override
  public boolean carriesTunnels() {
    return tunnels;
  }

  @Override
  public boolean isReusable() {
    return life == Life.OPEN
        && !doubted
        && !peerClosed
        && refusal == null
        && streams.size() < capacity()
        && lastStream < Integer.MAX_VALUE - 2
        && channel.isActive();
  }

  @Override
  public UpstreamStream stream() {
    return new Http2UpstreamStream(this, setup, initialWindow);
  }

  @Override
  public void retire() {
    if (life == Life.OPEN) {
      life = Life.LEAVING;
    }
    if (streams.isEmpty()) {
      close();
    }
  }

  @Override
  public void close() {
    if (life != Life.GONE) {
      Frames.goAway(outbound.out(), 0, ErrorCode.NO_ERROR, "");
      gone();
      failAll(stream -> new AttemptFailure.ConnectionLost(stream.phase(), Closing.FIN));
    }
    channel.close();
  }

  /// Nothing goes on from here; what was written goes out.
  private void gone() {
    life = Life.GONE;
    reader.stop();
    outbound.flush();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    channel.config().setAutoClose(false);
    UpstreamSettings.Http2 settings = setup.http2();
    ByteBuf out = outbound.out();
    out.writeBytes(Frames.preface());
    Frames.head(out, 18, Frames.SETTINGS, 0, 0);
    Frames.setting(out, Frames.SETTING_ENABLE_PUSH, 0);
    Frames.setting(out, Frames.SETTING_INITIAL_WINDOW_SIZE, settings.streamWindow());
    Frames.setting(
        out, Frames.SETTING_MAX_HEADER_LIST_SIZE, AnswerFields.maxListSize(setup.limits()));
    int more = settings.connectionWindow() - Frames.DEFAULT_WINDOW;
    if (more > 0) {
      Frames.windowUpdate(out, 0, more);
    }
    outbound.wrote();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    heard = true;
    if (!judged) {
      firstBytes.came(in);
    }
    ByteBuf all =
        pending == null
            ? in
            : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), pending, in);
    pending = null;
    reading = true;
    try {
      if (judged || judge(false)) {
        reader.read(all);
      }
    } finally {
      reading = false;
      if (all.isReadable() && life != Life.GONE) {
        pending = all;
      } else {
        all.release();
      }
    }
  }

  /// Judges the first bytes; false where they are not HTTP/2, or too few to tell.
  private boolean judge(boolean ended) {
    if (!firstBytes.canTell() && !ended) {
      return false;
    }
    judged = true;
    if (firstBytes.isFrame()) {
      return true;
    }
    AttemptFailure failure = firstBytes.failure();
    gone();
    failAll(stream -> failure);
    channel.close();
    return false;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    for (int i = 0; i < touched.size(); i++) {
      touched.get(i).readComplete();
    }
    touched.clear();
  }

  /// Something of a stream's answer was handed on during this read.
  void touched(Http2UpstreamStream stream) {
    if (!touched.contains(stream)) {
      touched.add(stream);
    }
  }

  /// Bytes that came, where they are not HTTP/2.
  long strayBytes() {
    return settled ? 0 : firstBytes.count();
  }

  String strayText() {
    return settled ? "" : firstBytes.text();
  }

  boolean isSettled() {
    return settled;
  }

  /// A SETTINGS frame of the server's was read whole.
  void settled() {
    settled = true;
    for (Http2UpstreamStream each : List.copyOf(streams.values())) {
      each.settled();
    }
    if (isReusable()) {
      owner.released(this);
    }
  }

  /// Takes a setting; false where it makes a window overflow.
  boolean setting(int setting, long value) {
    switch (setting) {
      case Frames.SETTING_HEADER_TABLE_SIZE -> encoder.limit(value);
      case Frames.SETTING_MAX_CONCURRENT_STREAMS ->
          allowed = (int) Math.min(value, Integer.MAX_VALUE);
      case Frames.SETTING_ENABLE_CONNECT_PROTOCOL -> tunnels = value == 1;
      case Frames.SETTING_INITIAL_WINDOW_SIZE -> {
        long change = value - initialWindow;
        initialWindow = (int) value;
        for (Http2UpstreamStream each : List.copyOf(streams.values())) {
          if (!each.takesMore(change)) {
            return false;
          }
        }
      }
      default -> {}
    }
    return true;
  }

  /// A stream by its number; null where none is open.
  @Nullable Http2UpstreamStream stream(int id) {
    return streams.get(id);
  }

  /// The highest number of a stream; -1 before the first.
  int lastStream() {
    return lastStream;
  }

  /// An exchange begins.
  ///
  /// @return the number of its stream
  int opened(Http2UpstreamStream stream) {
    lastStream += 2;
    requests++;
    streams.put(lastStream, stream);
    return lastStream;
  }

  /// The head of a request that waited is about to go out: its stream gets a number above those of
  /// streams that began meanwhile, by which lower ones were closed (RFC 9113 section 5.1.1).
  ///
  /// @return the number of its stream
  int renumbered(Http2UpstreamStream stream) {
    if (stream.id() != lastStream) {
      streams.remove(stream.id());
      lastStream += 2;
      streams.put(lastStream, stream);
    }
    return lastStream;
  }

  /// An exchange is over.
  void over(Http2UpstreamStream stream, @Nullable ResponseHead head) {
    streams.remove(stream.id());
    if (head != null && spareHeads.size() < SPARE_HEADS) {
      spareHeads.push(head);
    }
    idleSinceNanos = System.nanoTime();
    if (life == Life.LEAVING && streams.isEmpty()) {
      close();
    } else if (life == Life.OPEN && isReusable()) {
      owner.released(this);
    }
  }

  /// A head for the next answer.
  ResponseHead newHead() {
    ResponseHead spare = spareHeads.poll();
    return spare == null ? new ResponseHead(setup.limits()) : spare;
  }

  /// Takes bytes of DATA from the connection's window, which opens as they come: what streams keep
  /// is bounded by their own windows, and a client that is slow keeps none but its own waiting.
  ///
  /// @return whether the server kept to it
  boolean received(int bytes) {
    receiveWindow -= bytes;
    taken += bytes;
    if (taken * 2L >= setup.http2().connectionWindow()) {
      receiveWindow += taken;
      widen(0, taken);
      taken = 0;
    }
    return receiveWindow >= 0;
  }

  /// Opens the window of a stream, or of the connection.
  void widen(int id, int bytes) {
    if (life != Life.GONE) {
      Frames.windowUpdate(outbound.out(), id, bytes);
      outbound.wrote();
    }
  }

  /// Tells the server that a stream is closed.
  void reset(int id, ErrorCode why) {
    if (life != Life.GONE) {
      Frames.reset(outbound.out(), id, why);
      outbound.wrote();
    }
  }

  /// Ends a stream for what the server did on it.
  void streamError(Http2UpstreamStream stream, ErrorCode why, String detail) {
    stream.reset(why, new AttemptFailure.StreamFailed(stream.phase(), why.number(), true, detail));
  }

  /// The server ended a stream.
  void resetByServer(Http2UpstreamStream stream, long code) {
    boolean processed =
        (code != Http2Errors.REFUSED_STREAM && code != Http2Errors.HTTP_1_1_REQUIRED)
            || stream.phase() == Phase.READ_RESPONSE;
    stream.resetByServer(new AttemptFailure.StreamFailed(stream.phase(), code, processed, ""));
  }

  /// Ends the connection for what the server did, with all exchanges that it carries.
  void fail(ErrorCode why, String detail) {
    if (life == Life.GONE) {
      return;
    }
    Frames.goAway(outbound.out(), 0, why, detail);
    gone();
    failAll(stream -> new AttemptFailure.StreamFailed(stream.phase(), why.number(), true, detail));
    channel.close();
  }

  /// The server is about to leave: it does nothing with streams above the last that it names, and
  /// after an error nothing more with the others.
  void goingAway(int last, long code) {
    if (life == Life.GONE) {
      return;
    }
    life = Life.LEAVING;
    for (Http2UpstreamStream each : inOrder()) {
      boolean processed = each.id() <= last;
      if (!processed || code != Http2Errors.NO_ERROR) {
        each.fail(new AttemptFailure.StreamFailed(each.phase(), code, processed, ""));
      }
    }
    peerClosed |= streams.isEmpty();
    if (streams.isEmpty()) {
      close();
    }
  }

  private List<Http2UpstreamStream> inOrder() {
    return streams.values().stream()
        .sorted(Comparator.comparingInt(Http2UpstreamStream::id))
        .toList();
  }

  private void failAll(Function<Http2UpstreamStream, AttemptFailure> how) {
    List<Http2UpstreamStream> all = inOrder();
    for (Http2UpstreamStream each : all) {
      each.fail(how.apply(each));
    }
  }

  /// An answer did not come in time. The server is asked whether it is there at all: until it
  /// answers nothing else is sent over this connection.
  void doubt() {
    if (life != Life.GONE && !doubted) {
      doubted = true;
      Frames.ping(outbound.out(), false, ARE_YOU_THERE);
      outbound.wrote();
      deadline.in(setup.verifyTimeout().toNanos());
    }
  }

  /// A request was given up for a deadline of its client's. That one was not answered says nothing
  /// of the server; that nothing at all came for as long as an answer may take makes it doubtful.
  /// It is not asked sooner: servers of gRPC take many PINGs for an attack.
  void lapsed() {
    long now = System.nanoTime();
    if (heard) {
      heard = false;
      silentNanos = now;
    } else if (now - silentNanos >= setup.responseTimeout().toNanos() && !doubted) {
      lapsed = true;
      doubt();
    }
  }

  /// The server answered a PING.
  void pinged() {
    if (doubted) {
      doubted = false;
      lapsed = false;
      deadline.clear();
      if (isReusable()) {
        owner.released(this);
      }
    }
  }

  private void expired() {
    Throwable cause = refusal;
    gone();
    if (cause == null && lapsed && streams.isEmpty()) {
      owner.unanswered(this);
    }
    failAll(stream ->
        cause == null
            ? new AttemptFailure.TimedOut(stream.phase(), setup.verifyTimeout())
            : FailureClassifier.lost(cause, stream.phase()));
    channel.close();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (channel.isWritable()) {
      outbound.writable();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslCloseCompletionEvent end && end.isSuccess()) {
      tlsClosed = true;
      inputEnded();
    } else if (event == ChannelInputShutdownEvent.INSTANCE) {
      inputEnded();
    }
    ctx.fireUserEventTriggered(event);
  }

  /// The server sends no more.
  private void inputEnded() {
    if (life == Life.GONE) {
      return;
    }
    peerClosed = true;
    if (!judged && firstBytes.count() > 0 && !judge(true)) {
      return;
    }
    gone();
    Closing closing = tlsClosed ? Closing.CLOSE_NOTIFY : Closing.FIN;
    Throwable cause = refusal;
    failAll(stream ->
        cause == null
            ? new AttemptFailure.ConnectionLost(stream.phase(), closing)
            : FailureClassifier.lost(cause, stream.phase()));
    channel.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    boolean whileIdle = streams.isEmpty();
    inputEnded();
    deadline.close();
    outbound.close();
    if (pending != null && !reading) {
      pending.release();
      pending = null;
    }
    owner.closed(this, whileIdle, peerClosed);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!isOfTheWire(cause)) {
      LOG.error("an unexpected error ended a connection to {}", endpoint.endpoint(), cause);
    }
    if (life == Life.GONE) {
      channel.close();
    } else if (cause instanceof ChannelOutputShutdownException && !streams.isEmpty()) {
      // It may have said why before it closed: that is read first.
      refusal = cause;
      deadline.in(LAST_WORDS_NANOS);
      channel.read();
    } else {
      peerClosed = true;
      life = Life.GONE;
      reader.stop();
      failAll(stream -> FailureClassifier.lost(cause, stream.phase()));
      channel.close();
    }
  }

  private static boolean isOfTheWire(Throwable cause) {
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (each instanceof IOException) {
        return true;
      }
    }
    return false;
  }

  ServerFrames frames() {
    return frames;
  }

  Outbound outbound() {
    return outbound;
  }

  RequestBlocks blocks() {
    return blocks;
  }
}
