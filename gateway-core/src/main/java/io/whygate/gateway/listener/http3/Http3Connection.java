package io.whygate.gateway.listener.http3;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http3.DefaultHttp3GoAwayFrame;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3ErrorCode;
import io.netty.handler.codec.http3.Http3UnknownFrame;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicPathEvent;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamPriority;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.exchange.Exchange;
import io.whygate.gateway.exchange.ForwardedFields;
import io.whygate.gateway.exchange.Peer;
import io.whygate.gateway.http.Deadlines;
import io.whygate.gateway.listener.client.Abuse;
import io.whygate.gateway.listener.client.Drain;
import io.whygate.gateway.listener.client.Floods;
import io.whygate.gateway.listener.client.ListenerLoop;
import io.whygate.gateway.listener.client.Priority;
import io.whygate.gateway.listener.client.RequestFields;
import io.whygate.gateway.proxyprotocol.Ends;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A client's connection that speaks HTTP/3: its streams, its life from the handshake to GOAWAY.
///
/// Confined to its event loop.
final class Http3Connection extends ChannelInboundHandlerAdapter {
  /// Requests that begin in one round of the event loop; others have their turn before more do.
  private static final int BEGUN_A_ROUND = 16;

  /// Between two looks at whether the client acknowledges what it is sent.
  private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();

  private static final long LAST_CALL_NANOS = Duration.ofSeconds(1).toNanos();

  /// For the last answer to arrive: what QUIC holds of it is lost once the connection is closed.
  private static final long LINGER_NANOS = Duration.ofSeconds(2).toNanos();

  /// Beyond each stream of a client (RFC 9114 section 5.2).
  private static final long NO_STREAM_YET = (1L << 62) - 4;

  private static final int BETWEEN_STREAMS = 4;

  /// Frames that say how urgent an answer is (RFC 9218 section 7.2).
  private static final long PRIORITY_UPDATE = 0xf0700;

  private static final long PRIORITY_UPDATE_OF_PUSH = 0xf0701;

  private final ListenerLoop loop;
  private final QuicChannel channel;
  private final Floods floods;
  private final RequestFields fields;
  private final Http3Fields responses;
  private final Deadlines.Deadline deadline;
  private final Deadlines.Deadline lastCall;
  private final Deadlines.Deadline look;
  private final Acknowledgements acknowledgements = new Acknowledgements();
  private final Http3Pace.Traffic bodies = new Http3Pace.Traffic();
  private final Http3Pace.Traffic answers = new Http3Pace.Traffic();
  private final Set<Http3Stream> streams = new LinkedHashSet<>();
  private final ArrayDeque<Http3Stream> unbegun = new ArrayDeque<>(4);

  /// Requests that came early, and wait for the handshake.
  private final ArrayDeque<Http3Stream> early = new ArrayDeque<>(1);

  private Peer peer;
  private @Nullable ForwardedFields forwarded;
  private @Nullable InetSocketAddress validated;
  private @Nullable InetSocketAddress moved;
  private boolean handshaking;
  private boolean secured;
  private boolean roundPending;
  private long nextStream;
  private int unfinished;
  private Leaving leaving = Leaving.NO;

  private enum Leaving {
    NO,
    /// The client was told that the connection will end; its requests are still taken.
    TOLD,
    /// Requests after the last one that was named are not taken.
    NO_MORE_STREAMS,
    /// Nothing goes on any more.
    GONE
  }

  Http3Connection(ListenerLoop loop, QuicChannel channel) {
    this.loop = loop;
    this.channel = channel;
    this.floods = new Floods(loop.settings(), loop.counts());
    this.fields = new RequestFields(loop.limits());
    this.responses = new Http3Fields(loop.ownFields());
    this.deadline = loop.services().deadlines().add(this::expired);
    this.lastCall = loop.services().deadlines().add(this::takeNoMore);
    this.look = loop.services().deadlines().add(this::lookForAcknowledgements);
    this.peer = Peer.of(new Ends(remote(), local()), true);
  }

  private InetSocketAddress remote() {
    return address(channel.remoteSocketAddress());
  }

  private InetSocketAddress local() {
    return address(channel.localSocketAddress());
  }

  /// The address of a connection that is open.
  private static InetSocketAddress address(@Nullable SocketAddress of) {
    return (InetSocketAddress) Objects.requireNonNull(of);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    handshaking = true;
    loop.counts().handshakeBegan();
    loop.counts().http3Began();
    deadline.in(loop.settings().timeouts().handshake().toNanos());
    // A connection whose handshake comes to nothing is closed, and never told inactive.
    channel.closeFuture().addListener(_ -> over());
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    switch (event) {
      case SslHandshakeCompletionEvent handshake when handshake.isSuccess() -> secured();
      case QuicPathEvent.Validated path -> {
        validated = path.remote();
        follow();
      }
      case QuicPathEvent.PeerMigrated path -> {
        moved = path.remote();
        follow();
      }
      case QuicConnectionCloseEvent _ when handshaking -> {
        floods.note(Abuse.HANDSHAKES);
        channel.close();
      }
      case Drain _ -> drain();
      default -> {}
    }
    ctx.fireUserEventTriggered(event);
  }

  private void secured() {
    handshakeOver();
    secured = true;
    look.in(LOOK_NANOS);
    peer = new Peer(peer.ends(), true, ClientChain.of(channel));
    forwarded = null;
    await();
    while (!early.isEmpty()) {
      begins(early.removeFirst());
    }
  }

  private void handshakeOver() {
    if (handshaking) {
      handshaking = false;
      loop.counts().handshakeEnded();
    }
  }

  /// The client is at another address, and has shown that it receives there.
  private void follow() {
    InetSocketAddress now = moved;
    if (now != null && now.equals(validated) && !now.equals(peer.address())) {
      peer = new Peer(new Ends(now, peer.ends().destination()), true, peer.certificates());
      forwarded = null;
    }
  }

  /// Whether streams that the client opens from now on are neither served nor answered.
  boolean takesNoStreams() {
    return leaving.compareTo(Leaving.NO_MORE_STREAMS) >= 0;
  }

  /// A stream is opened; false where it is refused.
  boolean opened(Http3Stream stream) {
    if (takesNoStreams()) {
      return false;
    }
    // QUIC counts a stream no more once the client gave it up; its exchange may go on for a while.
    if (streams.size() >= loop.settings().http3().maxStreams() && spend(Abuse.RESETS)) {
      return false;
    }
    nextStream = Math.max(nextStream, stream.id() + BETWEEN_STREAMS);
    streams.add(stream);
    if (secured) {
      deadline.clear();
    }
    floods.requested();
    return leaving != Leaving.GONE;
  }

  /// A stream is closed.
  ///
  /// @param whole whether its request was so; if not, Netty keeps something of it as long as the
  ///   connection lasts
  /// @param answered whether its answer was given whole
  void closed(Http3Stream stream, boolean whole, boolean answered) {
    if (!whole && channel.isOpen() && ++unfinished >= loop.settings().http3().unfinished()) {
      drain();
    }
    if (streams.remove(stream)) {
      if (answered) {
        floods.answered();
      }
      if (streams.isEmpty()) {
        await();
      }
    }
  }

  /// A request is whole as far as its head goes. It begins once all that came with it is read: one
  /// that was reset in the same breath costs no more than its frames (CVE-2023-44487). One that
  /// came early and does something waits for the handshake: after that it is no repetition.
  void begins(Http3Stream stream) {
    boolean isEarly = isEarly();
    if (isEarly) {
      loop.counts().cameEarly(!stream.isSafe());
    }
    if (isEarly && !stream.isSafe()) {
      early.addLast(stream);
    } else {
      unbegun.addLast(stream);
      beginSoon();
    }
  }

  /// Whether requests are read before the handshake is over (RFC 9001 section 4.6).
  boolean takesEarlyData() {
    return loop.settings().http3().earlyData();
  }

  /// Whether what comes now may be a repetition of what the client sent once, by somebody else.
  boolean isEarly() {
    return !secured && takesEarlyData();
  }

  private void beginSoon() {
    if (!roundPending) {
      roundPending = true;
      channel.eventLoop().execute(this::beginSome);
    }
  }

  private void beginSome() {
    roundPending = false;
    for (int i = 0; i < BEGUN_A_ROUND && !unbegun.isEmpty(); i++) {
      unbegun.removeFirst().begin();
    }
    if (!unbegun.isEmpty()) {
      beginSoon();
    }
  }

  /// Takes one of a kind from its budget; without one the connection is over.
  boolean spend(Abuse kind) {
    return leaving != Leaving.GONE && (floods.allows(kind) || excess(kind));
  }

  /// Takes a frame from its budget that the gateway does not heed; without one the connection is
  /// over.
  void spendOnFrame(Object frame) {
    boolean priority =
        frame instanceof Http3UnknownFrame unknown
            && (unknown.type() == PRIORITY_UPDATE || unknown.type() == PRIORITY_UPDATE_OF_PUSH);
    spend(priority ? Abuse.PRIORITIES : Abuse.EMPTY_FRAMES);
  }

  /// Takes a piece of content that is not the first of its request; where too many were too small
  /// the connection is over.
  boolean takes(int length) {
    return leaving != Leaving.GONE && (floods.allows(length) || excess(Abuse.SMALL_PIECES));
  }

  /// Ends the connection for what is too much even once.
  void abused(Abuse kind) {
    if (leaving != Leaving.GONE) {
      floods.note(kind);
      excess(kind);
    }
  }

  private void lookForAcknowledgements() {
    if (acknowledgements.areMissing(channel, loop.settings().http3().unacknowledged())) {
      abused(Abuse.UNACKNOWLEDGED);
    } else {
      look.in(LOOK_NANOS);
    }
  }

  /// Ends the connection for bytes outside of requests that mean nothing by the rules.
  void malformed(Http3ErrorCode how, Throwable why) {
    Http3Errors.noteOfClient(why);
    fail(how, "");
  }

  private boolean excess(Abuse kind) {
    fail(Http3ErrorCode.H3_EXCESSIVE_LOAD, kind.label());
    return false;
  }

  /// Ends the connection.
  private void fail(Http3ErrorCode why, String detail) {
    if (leaving != Leaving.GONE) {
      leaving = Leaving.GONE;
      channel.close(
          true,
          why.code(),
          ByteBufUtil.encodeString(
              channel.alloc(), CharBuffer.wrap(detail), StandardCharsets.US_ASCII));
    }
  }

  /// Sets the time for what the client has to do next.
  private void await() {
    if (!secured || leaving == Leaving.GONE) {
      return;
    }
    if (!streams.isEmpty()) {
      deadline.clear();
    } else if (leaving == Leaving.NO_MORE_STREAMS) {
      deadline.in(LINGER_NANOS);
    } else {
      deadline.in(loop.settings().timeouts().idle().toNanos());
    }
  }

  private void expired() {
    if (handshaking) {
      floods.note(Abuse.HANDSHAKES);
    }
    if (!secured || streams.isEmpty()) {
      fail(Http3ErrorCode.H3_NO_ERROR, "");
    }
  }

  /// Tells the client that the connection is about to end, and takes what is under way to it for a
  /// while (RFC 9114 section 5.2).
  private void drain() {
    if (leaving != Leaving.NO) {
      return;
    }
    if (handshaking) {
      fail(Http3ErrorCode.H3_NO_ERROR, "");
      return;
    }
    leaving = Leaving.TOLD;
    goAway(NO_STREAM_YET);
    lastCall.in(LAST_CALL_NANOS);
    for (Http3Stream each : List.copyOf(streams)) {
      Exchange exchange = each.exchange();
      if (exchange != null) {
        exchange.drain();
      }
    }
  }

  private void takeNoMore() {
    if (leaving == Leaving.TOLD) {
      leaving = Leaving.NO_MORE_STREAMS;
      goAway(nextStream);
      await();
    }
  }

  private void goAway(long firstUnserved) {
    QuicStreamChannel control = Http3.getLocalControlStream(channel);
    if (control != null) {
      control.writeAndFlush(new DefaultHttp3GoAwayFrame(firstUnserved));
    }
  }

  private void over() {
    leaving = Leaving.GONE;
    handshakeOver();
    loop.counts().http3Ended();
    early.clear();
    deadline.close();
    lastCall.close();
    look.close();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (handshaking) {
      handshakeOver();
      floods.note(Abuse.HANDSHAKES);
    }
    Http3Errors.note(cause);
  }

  /// Says how soon the client wants an answer, compared to others of this connection.
  void prioritize(QuicStreamChannel stream, Priority priority) {
    if (!priority.equals(Priority.NORMAL)) {
      stream.updatePriority(new QuicStreamPriority(priority.urgency(), priority.incremental()));
    }
  }

  Exchange newExchange(Http3Stream stream) {
    return new Exchange(loop.services(), stream, stream.request());
  }

  ForwardedFields forwarded() {
    ForwardedFields known = forwarded;
    if (known == null) {
      ListenerSettings settings = loop.settings();
      known =
          new ForwardedFields(peer, settings.trustedProxies(), loop.services().identity(), "3.0");
      forwarded = known;
    }
    return known;
  }

  /// Whether other answers than this wait too: then the client takes none.
  boolean isBlocked(Http3Stream one) {
    for (Http3Stream each : streams) {
      if (each != one && each.isWaiting()) {
        return true;
      }
    }
    return false;
  }

  /// Whether content that the gateway does not take yet may fill the connection's window, so that
  /// the client cannot send. One stream alone does so only where its window is as large: QUIC's
  /// library lets the connection's grow with it.
  boolean isHeldUp() {
    ListenerSettings.Http3 windows = loop.settings().http3();
    int enough = windows.streamWindow() < windows.connectionWindow() ? 2 : 1;
    int holding = 0;
    for (Http3Stream each : streams) {
      if (each.holdsContent() && ++holding >= enough) {
        return true;
      }
    }
    return false;
  }

  /// What requests brought.
  Http3Pace.Traffic bodies() {
    return bodies;
  }

  /// What the client took of answers.
  Http3Pace.Traffic answers() {
    return answers;
  }

  /// How many streams are open.
  int streams() {
    return streams.size();
  }

  ListenerLoop loop() {
    return loop;
  }

  Channel channel() {
    return channel;
  }

  Peer peer() {
    return peer;
  }

  Floods floods() {
    return floods;
  }

  /// Reads one list of fields at a time.
  RequestFields fields() {
    return fields;
  }

  Http3Fields responses() {
    return responses;
  }
}
